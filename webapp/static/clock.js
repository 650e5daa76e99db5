// The clock of the rounds. It counts by the server's time and the device's stopwatch, never by the device's clock:
// a wrong clock does not matter, and after a sleep the next answer puts it right.
(() => {
  "use strict";
  const face = document.getElementById("face");
  if (!face) return;
  const MINUTE = 60000, POLL = 3000, PATIENCE = 4000, LONGEST_COUNTDOWN = 100 * MINUTE;
  const all = (name) => [...document.querySelectorAll(`[data-${name}]`)];
  const one = (name) => document.querySelector(`[data-${name}]`);

  let state = JSON.parse(face.dataset.state);
  let ahead = state.now - performance.now();
  let shown = null;
  const now = () => ahead + performance.now();

  function position() {
    const at = state.held ?? now();
    if (!state.steps.length) return { kind: "before", number: 1, from: at, ends: state.starts, at };
    let from = state.first;
    for (const [kind, number, ends] of state.steps) {
      if (at < ends && !state.stopped) return { kind, number, from, ends, at };
      from = ends;
    }
    return { kind: "over", number: state.steps.at(-1)[1], from: at, ends: at, at };
  }

  function signOf({ kind, from, ends, at }) {
    if (state.held !== null && kind !== "over") return "paused";
    if (kind === "before") return ends > at ? "before" : "soon";
    if (kind !== "round") return kind;
    if (ends - at <= MINUTE && ends - from > MINUTE) return "minute";
    return ends - at <= (ends - from) / 2 ? "half" : "talk";
  }

  const wall = () => new Date(now() + state.offset).toISOString().slice(11, 16);

  function leftOf({ kind, ends, at }) {
    const left = ends - at;
    if (kind === "over") return "";
    if (kind === "before" && state.held === null && left <= 0) return wall();
    if (kind === "before" && left >= LONGEST_COUNTDOWN) return state.begins;
    const seconds = Math.max(0, Math.ceil(left / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  const write = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };
  const show = (elements, name, value) => {
    for (const element of elements) element.hidden = element.dataset[name] !== value;
  };

  // Numbers that are called to a table, each until its time is over, also without a connection.
  let called = null;
  function call() {
    const list = one("calls");
    if (!list) return;
    const open = state.calls.filter(([, , until]) => now() < until);
    const told = JSON.stringify(open);
    if (told === called) return;
    called = told;
    list.hidden = !open.length;
    list.replaceChildren(...open.map(([number, table]) => {
      const line = one("call").content.cloneNode(true);
      for (const element of line.querySelectorAll("[data-call-number] bdi")) element.textContent = number;
      for (const element of line.querySelectorAll("[data-call-table] bdi")) element.textContent = table;
      return line;
    }));
  }

  function draw() {
    const place = position(), sign = signOf(place), left = leftOf(place);
    const time = one("left");
    write(time, left);
    time.classList.toggle("past", sign === "soon");
    time.classList.toggle("long", sign !== "soon" && left.length > 4);
    write(one("number"), String(place.number));
    one("which").hidden = place.kind === "over";
    show(all("which-is"), "whichIs", place.kind === "round" ? "round" : "next");
    show(all("sign"), "sign", sign);
    call();
    for (const element of all("begins")) write(element, state.begins);
    write(one("wall"), wall());
    const is = { kind: place.kind, number: place.number, sign };
    if (shown) ring(shown, is);
    shown = is;
  }

  // --- asking the server ---------------------------------------------------------------------------------------

  let asking = false, failures = 0;
  async function ask() {
    if (asking) return;
    asking = true;
    const stop = new AbortController();
    const giveUp = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const asked = performance.now();
      const answer = await fetch(face.dataset.source, { signal: stop.signal, cache: "no-store" });
      if (answer.redirected || answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = await answer.json();
      ahead = fresh.now - (asked + performance.now()) / 2;
      if (fresh.revision !== state.revision) changed();
      state = fresh;
      failures = 0;
      draw();
    } catch {
      failures += 1;
    } finally {
      clearTimeout(giveUp);
      asking = false;
      const offline = one("offline");
      if (offline) offline.hidden = failures < 2;
    }
  }

  // The desk's buttons come from the server; nobody loses what they are typing, and a button that is pressed is heard.
  let leaving = false;
  addEventListener("submit", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  function changed() {
    if (leaving || !one("changed")) return;
    const typing = document.querySelector("input:focus:not([type=hidden])");
    if (typing && typing.value !== typing.defaultValue) one("changed").hidden = false;
    else location.reload();
  }

  // --- the bell: always beside words ---------------------------------------------------------------------------

  let sound = null, on = false;
  const strokes = (count, pitch) => {
    for (let at = 0; at < count; at += 1) {
      for (const [overtone, loud] of [[1, 0.5], [2.76, 0.2], [5.4, 0.08]]) {
        const tone = sound.createOscillator(), volume = sound.createGain(), start = sound.currentTime + at * 0.7;
        tone.frequency.value = pitch * overtone;
        volume.gain.setValueAtTime(loud, start);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + 1.8);
        tone.connect(volume).connect(sound.destination);
        tone.start(start);
        tone.stop(start + 1.9);
      }
    }
  };

  function ring(before, is) {
    if (!on || (before.kind === is.kind && before.number === is.number && before.sign === is.sign)) return;
    if (is.sign === "paused" || before.sign === "paused") return;
    if (is.kind === "round" && before.kind !== "round") strokes(1, 660);
    else if (before.kind === "round" && is.kind !== "round") strokes(3, 660);
    else if (is.sign === "minute" || is.sign === "half") strokes(2, 880);
  }

  function say(what) {
    for (const element of all("sound-is")) {
      const inButton = element.closest("button");
      element.hidden = element.dataset.soundIs !== (inButton && what === "test" ? "on" : what);
    }
  }

  async function wake() {
    sound = sound || new AudioContext();
    await sound.resume();
    on = true;
  }

  const box = one("sound");
  if (box && "AudioContext" in window) {
    box.hidden = false;
    one("sound-test").addEventListener("click", async () => {
      await wake();
      strokes(3, 660);
      say("test");
      setTimeout(() => say(on ? "on" : "off"), 3000);
    });
    one("sound-switch").addEventListener("click", async () => {
      if (on) on = false;
      else await wake();
      say(on ? "on" : "off");
    });
  }

  draw();
  setInterval(draw, 200);
  setInterval(ask, POLL);
  for (const name of ["pageshow", "online", "focus"]) window.addEventListener(name, ask);
  document.addEventListener("visibilitychange", ask);
})();
