// An open page asks every few seconds whether what it shows still stands. What is new is said in one line; My rounds are
// put in place of what stood there, with what was open and chosen, and not while somebody types or presses a button.
(() => {
  "use strict";
  const line = document.getElementById("news");
  if (!line) return;
  const { source, zone } = line.dataset, every = Number(line.dataset.every), spread = Number(line.dataset.spread);
  const PATIENCE = 8000, LONGEST_WAIT = 30000;
  let { seen } = line.dataset, from = Date.now();
  let timer = 0, asking = false, failures = 0, pressed = false, leaving = false, offline = null;

  const bar = document.querySelector(".savebar"), shut = document.createElement("button");
  Object.assign(shut, { type: "button", className: "quiet", textContent: line.dataset.close });
  shut.addEventListener("click", () => {
    line.replaceChildren();
    document.getElementById("main").focus({ preventScroll: true });
  });
  // one bar at the foot of a form, so that neither covers the other
  bar?.prepend(line);

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };

  function say(...told) {
    line.replaceChildren(...told, ...(told.length ? [shut] : []));
    for (const one of line.querySelectorAll("[data-again]")) one.href = line.dataset.again || one.href;
    offline = null;
    uncover(document.activeElement);
  }

  // whoever types goes on seeing what
  function uncover(typing) {
    const under = typing?.matches("input, textarea, select") ? typing.getBoundingClientRect().bottom + 8 - line.getBoundingClientRect().top : 0;
    if (line.childElementCount && under > 0 && getComputedStyle(line).position === "sticky") scrollBy({ top: under, behavior: "instant" });
  }

  function sayOffline() {
    if (offline) return;
    const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(from);
    offline = document.createElement("p");
    offline.textContent = line.dataset.offline.replace("{}", time);
    line.append(offline, shut);
  }

  function sayOnline() {
    offline?.remove();
    offline = null;
    if (line.childElementCount === 1) shut.remove();
  }

  async function ask() {
    clearTimeout(timer);
    // asked again as soon as somebody looks
    if (asking || document.hidden) return;
    asking = true;
    const stop = new AbortController(), giveUp = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(`${source}${source.includes("?") ? "&" : "?"}seen=${encodeURIComponent(seen)}`, { signal: stop.signal, cache: "no-store" });
      if (answer.redirected || answer.status === 404) return ended();
      if (answer.status !== 204) {
        if (!answer.ok) throw new Error(String(answer.status));
        show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
      from = Date.parse(answer.headers.get("Date")) || from;
      failures = 0;
      sayOnline();
    } catch {
      failures += 1;
      if (failures > 1 || !navigator.onLine) sayOffline();
    } finally {
      clearTimeout(giveUp);
      asking = false;
    }
    later(failures ? Math.min(every * 2 ** (failures - 1), LONGEST_WAIT) : every + Math.random() * spread);
  }

  // Signed out elsewhere, or removed: My rounds do not stay; what is being typed on another page does.
  function ended() {
    if (document.getElementById("day")) location.reload();
  }

  function show(page) {
    const fresh = page.getElementById("news"), day = document.getElementById("day");
    // whoever stands between may answer in the server's place
    if (!fresh) throw new Error("not ours");
    if (pressed || leaving) return;
    if (day && [...day.querySelectorAll("input:not([type=hidden]), textarea")].some(typedIn)) return say(...fresh.children);
    ({ seen } = fresh.dataset);
    if (!day) return say(...fresh.children);
    // that time has passed is said by the page's own countdown
    const told = fresh.dataset.kind === "clock" ? [] : [...fresh.children].filter((one) => !("elsewhere" in one.dataset));
    replace(day, page.getElementById("day"), told);
  }

  // --- in place of what stood there ------------------------------------------------------------------------------

  const typedIn = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  const named = (one) => [one.closest("[id]")?.id, one.tagName, one.name, one.value, one.textContent.trim()].join("|");
  const opens = (one) => `${one.closest("[id]")?.id}|${one.querySelector("summary")?.textContent}`;

  function replace(day, fresh, told) {
    const opened = new Set([...day.querySelectorAll("details[open]")].map(opens));
    const active = day.contains(document.activeElement) ? named(document.activeElement) : null;
    const top = (one) => one.getBoundingClientRect().top;
    const seenFirst = scrollY > 0 && [...day.querySelectorAll("[id]")].find((one) => one.id !== "countdown" && top(one) >= 0);
    const was = seenFirst ? top(seenFirst) : 0;
    day.replaceChildren(...fresh.childNodes);
    say(...told);
    for (const one of day.querySelectorAll("details")) one.open = one.open || opened.has(opens(one));
    if (active !== null) {
      const found = [...day.querySelectorAll("a, button, input, textarea, summary, [tabindex]")].find((one) => named(one) === active);
      if (!found) day.tabIndex = -1;
      (found || day).focus({ preventScroll: true });
    }
    const there = seenFirst && document.getElementById(seenFirst.id);
    if (there) scrollBy({ top: top(there) - was, behavior: "instant" });
  }

  addEventListener("pointerdown", () => { pressed = true; });
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, () => { setTimeout(() => { pressed = false; }); });
  addEventListener("submit", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  later(Math.random() * every);
  for (const name of ["online", "offline", "focus"]) addEventListener(name, ask);
  addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
  document.addEventListener("visibilitychange", ask);
})();
