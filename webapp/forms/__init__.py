"""What can be typed: WTForms. No queries; choices are handed in."""
