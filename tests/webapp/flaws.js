// What is wrong with a page for somebody with a small window, large letters, no mouse or colours of their own.
() => {
  const shown = (one) => one.getClientRects().length > 0 && one.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const style = (one, part) => getComputedStyle(one, part);
  const told = (what, one) => `${what}: ${one.outerHTML.replace(/\s+/g, " ").slice(0, 110)}`;
  const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const unseen = (one) => style(one).clipPath !== "none" || one.closest(".sr");
  // a box behind a chip: the chip is what is seen and hit
  const body = (one) => one.matches(".chip input") ? one.nextElementSibling : one.matches(".tick input, .option input") ? one.closest("label") : one;
  const targets = () => all(TARGETS).filter((one) => !unseen(one) && one.tabIndex >= 0);
  const LEAST = 24;

  return {
    wide: () => {
      const root = document.documentElement;
      return root.scrollWidth > root.clientWidth ? [`wide: ${root.scrollWidth} in ${root.clientWidth}`] : [];
    },
    cut: () => all("main *, header *, footer *").filter((one) => {
      if (unseen(one) || !one.textContent.trim() || one.closest("select, svg")) return false;
      const held = style(one), box = one.scrollWidth - one.clientWidth > 1 || one.scrollHeight - one.clientHeight > 1;
      const hides = ["hidden", "clip"].includes(held.overflowX) || ["hidden", "clip"].includes(held.overflowY);
      const spills = one.matches("button, .button, .chip span, .tag, h1") && one.scrollWidth - one.clientWidth > 1;
      return (box && hides) || (spills && held.display !== "inline");
    }).map((one) => told("cut", one)),
    small: () => targets().filter((one) => {
      const { width, height } = body(one).getBoundingClientRect();
      // a link within a sentence is as high as its line
      return style(one).display !== "inline" && (width < LEAST || height < LEAST);
    }).map((one) => told("small", one)),
    moving: () => [
      ...document.getAnimations().map((one) => told("moving", one.effect.target)),
      ...all("*").filter((one) => style(one).transitionDuration.split(", ").some((time) => time !== "0s"))
        .map((one) => told("moving", one)),
    ],
    edges: () => {
      const clear = (colour) => colour === "transparent" || /^rgba\(.*, 0\)$/.test(colour);
      const bare = all("button, .button, .chip span, input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea")
        .filter((one) => !unseen(one) && !one.closest(".sr"))
        .filter((one) => {
          const held = style(one);
          return held.borderBlockStartStyle === "none" || parseFloat(held.borderBlockStartWidth) < 1 || clear(held.borderBlockStartColor);
        })
        .filter((one) => !style(one).textDecorationLine.includes("underline"));
      const same = all("[aria-current]").filter((one) => {
        const held = style(one);
        return !held.textDecorationLine.includes("underline") && parseInt(held.fontWeight) < 600;
      });
      const ticked = all(".chip input:checked").filter((one) => style(one.nextElementSibling, "::before").content === "none");
      return [...bare.map((one) => told("no edge", one)), ...[...same, ...ticked].map((one) => told("not told apart", one))];
    },
    focus: () => {
      const bars = all("*").filter((one) => ["sticky", "fixed"].includes(style(one).position));
      return targets().flatMap((one) => {
        one.focus({ focusVisible: true });
        if (document.activeElement !== one) return one.disabled ? [] : [told("takes no focus", one)];
        const ring = [one, body(one)].some((held) => {
          const { outlineStyle, outlineWidth } = style(held);
          return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
        });
        const own = body(one).getBoundingClientRect();
        const hidden = bars.filter((bar) => !bar.contains(one)).map((bar) => bar.getBoundingClientRect()).some((bar) =>
          own.top >= bar.top && own.bottom <= bar.bottom && own.left >= bar.left && own.right <= bar.right);
        const away = own.bottom <= 0 || own.top >= innerHeight || own.right <= 0 || own.left >= innerWidth;
        return [...(ring ? [] : [told("no ring", one)]), ...(hidden || away ? [told("hidden", one)] : [])];
      });
    },
  };
}
