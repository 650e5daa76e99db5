"""Languages and countries as people write them: in the languages of the event, in their own, or as codes."""

from functools import cache

from babel import Locale

from webapp.i18n import LANGUAGES, countries

USUAL_NAMES = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "états-unis d’amérique": "US",
    "états-unis d'amérique": "US", "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "northern ireland": "GB", "grande-bretagne": "GB", "angleterre": "GB", "burma": "MM",
    "birmanie": "MM", "ivory coast": "CI", "cote d'ivoire": "CI", "côte d'ivoire": "CI", "drc": "CD", "rdc": "CD",
    "dr congo": "CD", "democratic republic of the congo": "CD", "republic of korea": "KR", "korea": "KR",
    "russian federation": "RU", "fédération de russie": "RU", "viet nam": "VN", "syrian arab republic": "SY",
    "iran (islamic republic of)": "IR", "czech republic": "CZ", "république tchèque": "CZ", "turkey": "TR",
    "holland": "NL", "the netherlands": "NL", "the gambia": "GM", "cape verde": "CV", "swaziland": "SZ",
    "macedonia": "MK", "palestine": "PS", "state of palestine": "PS", "lao pdr": "LA", "hong kong": "HK", "uae": "AE",
    "united republic of tanzania": "TZ", "bolivia (plurinational state of)": "BO", "republic of moldova": "MD",
    "east timor": "TL", "trinidad and tobago": "TT", "bosnia and herzegovina": "BA",
}  # fmt: skip

OWN_NAMES = {
    "shqip": "sq", "አማርኛ": "am", "հայերեն": "hy", "azərbaycan": "az", "euskara": "eu", "বাংলা": "bn",
    "bosanski": "bs", "български": "bg", "မြန်မာ": "my", "català": "ca", "中文": "zh", "hrvatski": "hr",
    "čeština": "cs", "dansk": "da", "nederlands": "nl", "eesti": "et", "suomi": "fi", "ქართული": "ka",
    "deutsch": "de", "ελληνικά": "el", "ગુજરાતી": "gu", "עברית": "he", "हिन्दी": "hi", "magyar": "hu",
    "íslenska": "is", "indonesia": "id", "日本語": "ja", "ಕನ್ನಡ": "kn", "қазақ тілі": "kk", "한국어": "ko",
    "kurdî (kurmancî)": "ku", "кыргызча": "ky", "ລາວ": "lo", "latviešu": "lv", "lietuvių": "lt", "македонски": "mk",
    "melayu": "ms", "മലയാളം": "ml", "मराठी": "mr", "монгол": "mn", "नेपाली": "ne", "norsk bokmål": "nb",
    "پښتو": "ps", "فارسی": "fa", "polski": "pl", "português": "pt", "ਪੰਜਾਬੀ": "pa", "română": "ro", "ikirundi": "rn",
    "ikinyarwanda": "rw", "српски": "sr", "සිංහල": "si", "slovenčina": "sk", "slovenščina": "sl", "soomaali": "so",
    "kiswahili": "sw", "svenska": "sv", "தமிழ்": "ta", "తెలుగు": "te", "ไทย": "th", "ትግርኛ": "ti", "türkçe": "tr",
    "türkmen dili": "tk", "українська": "uk", "اردو": "ur", "o‘zbek": "uz", "tiếng việt": "vi", "isixhosa": "xh",
    "èdè yorùbá": "yo", "isizulu": "zu", "тоҷикӣ": "tg", "oromoo": "om", "lingála": "ln", "luganda": "lg",
    "pulaar": "ff", "eʋegbe": "ee", "bamanakan": "bm", "chishona": "sn",
}  # fmt: skip
"""What languages call themselves, where no language read here calls them that; from CLDR, in small letters."""


@cache
def language_codes(first: str) -> dict[str, str]:
    """Return every name and code of every language; the names in the language `first` go before the others."""
    found: dict[str, str] = {}
    for where in (first, *LANGUAGES):
        names = Locale.parse(where).languages
        for code in sorted(names, key=len):
            found.setdefault(code.replace("_", "-").casefold(), code.replace("_", "-"))
            found.setdefault(str(names[code]).casefold(), code.replace("_", "-"))
    for name, code in OWN_NAMES.items():
        found.setdefault(name, code)
    return found


@cache
def country_codes(first: str) -> dict[str, str]:
    """Return every name and code of every country; the names in the language `first` go before the others."""
    known = {code for code, _name in countries()}
    found: dict[str, str] = {code.casefold(): code for code in known} | USUAL_NAMES
    for where in (first, *LANGUAGES):
        names = Locale.parse(where).territories
        for code in sorted(known & set(names)):
            found.setdefault(str(names[code]).casefold(), code)
            found.setdefault(str(names[code]).casefold().replace("’", "'"), code)
    return found
