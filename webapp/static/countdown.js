// My rounds count on in words, by the server's clock: a wrong clock on the phone does not matter. The element may be
// replaced at any time; what stands in the new one counts from then on.
(() => {
  "use strict";
  const MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const known = new WeakMap();
  const lang = document.documentElement.lang;
  const words = "RelativeTimeFormat" in Intl ? new Intl.RelativeTimeFormat(`${lang}-u-nu-latn`) : null;
  let first = true;

  function ahead(left) {
    if (left < 2 * HOUR) return words.format(Math.ceil(left / MINUTE), "minute");
    return left < DAY ? words.format(Math.floor(left / HOUR), "hour") : words.format(Math.floor(left / DAY), "day");
  }

  function read(face) {
    const page = first && performance.getEntriesByType("navigation")[0];
    const since = page ? page.responseStart : performance.now();
    first = false;
    const held = { ...JSON.parse(face.dataset.state), watch: since, step: null };
    held.clock = Date.now() - (performance.now() - since);
    known.set(face, held);
    return held;
  }

  const write = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  function draw() {
    const face = document.getElementById("countdown");
    if (!face) return;
    const held = known.get(face) || read(face);
    // the stopwatch stands still while a phone sleeps, the clock may be set back: the one that went further is right
    const now = held.now + Math.max(performance.now() - held.watch, Date.now() - held.clock);
    const step = held.steps.find((one) => one.until === null || now < one.until);
    const said = (text) => text.replace("{}", () => ahead(step.until - now));
    write(face.querySelector("[data-say]"), said(step.say));
    if (step === held.step) return;
    for (const tag of document.querySelectorAll("[data-tag]")) tag.hidden = tag.dataset.tag !== step.tag;
    document.querySelector("[data-onward]").hidden = step.tag !== "";
    if (held.step) write(document.querySelector("[data-aloud]"), said(step.aloud));
    held.step = step;
  }

  if (words) {
    draw();
    setInterval(draw, 1000);
    for (const name of ["pageshow", "focus"]) addEventListener(name, draw);
    document.addEventListener("visibilitychange", draw);
  }

  // On paper everything is open.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
