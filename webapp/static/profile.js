// A screen of the profile: saved as one goes, kept where that fails, and long lists narrowed by a few letters.
(() => {
  "use strict";
  const PREFIX = "rondo profile";
  if (new URLSearchParams(location.search).get("note") === "saved") {
    // the form that led here has come
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX) && JSON.parse(sessionStorage.getItem(name)).sent) sessionStorage.removeItem(name);
    }
  }
  if (document.querySelector("[data-all-gone]")) sessionStorage.clear();
  const form = document.querySelector("form.screen");
  if (!form) return;
  const FIRST_WAIT = 2000, LONGEST_WAIT = 60000, AT_REST = 1200;
  const said = document.getElementById("saved");
  const { turn, stamp, csrf_token: token } = form.elements;
  const place = `${PREFIX} ${form.dataset.owner} ${new URL(form.action).pathname}`;
  // what is added for good is sent by the button alone, never half-typed
  const byButton = [...form.querySelectorAll("[data-by-button]")];
  let changed = false, sending = false, wait = FIRST_WAIT, timer = 0;

  const say = (what) => {
    said.textContent = form.dataset[what];
    said.classList.toggle("look", !["saved", "saving"].includes(what));
  };
  const entries = () => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  const keep = (sent) => {
    try {
      sessionStorage.setItem(place, JSON.stringify({ sent, entries: entries() }));
    } catch {
      // no room, or none is given: the page itself still holds it
    }
  };
  const forget = () => sessionStorage.removeItem(place);
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  };

  async function post(told) {
    const body = new URLSearchParams([...told, ["csrf_token", token.value]]);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) return { status: answer.status };
      // whoever stands between may answer in the server's place, but knows no stamp
      return { status: 200, stamp: (await answer.json()).stamp };
    } catch {
      return { status: 0 };
    }
  }

  async function send() {
    if (sending || !changed) return;
    sending = true;
    changed = false;
    turn.value = Number(turn.value) + 1;
    keep(false);
    say("saving");
    const answer = await post(entries().filter(([name]) => !byButton.some((field) => field.name === name)));
    sending = false;
    if (answer.stamp) {
      stamp.value = answer.stamp;
      wait = FIRST_WAIT;
      if (changed) return later(AT_REST);
      if (byButton.some((field) => field.value.trim())) return say("button");
      forget();
      return say("saved");
    }
    changed = true;
    if (answer.status === 0 || answer.status === 429 || answer.status >= 500) {
      say("offline");
      later(wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
      return;
    }
    say({ 401: "ended", 409: "overtaken" }[answer.status] || "wrong");
  }

  const restore = (told) => {
    for (const field of form.elements) {
      const own = told.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox") field.checked = own.includes(field.value);
      else if (own.length) field.value = own[0];
    }
    for (const more of form.querySelectorAll("details")) {
      if ([...more.querySelectorAll("input, select, textarea")].some((one) => one.checked || (one.type !== "checkbox" && one.value))) more.open = true;
    }
    changed = true;
    say("restored");
  };

  async function begin() {
    if (form.dataset.state === "unsaved") {
      // the page says itself what is wrong; whoever leaves it finds it again
      changed = true;
      return keep(false);
    }
    const kept = JSON.parse(sessionStorage.getItem(place) || "null");
    if (!kept) return;
    if (kept.sent) {
      // asked once more whether it had come: a form that comes twice is kept once
      const shown = stamp.value, answer = await post(kept.entries);
      if (answer.stamp) {
        forget();
        if (answer.stamp !== shown) location.reload();
        return;
      }
    }
    restore(kept.entries);
  }

  form.addEventListener("input", (event) => {
    if (!event.target.name) return;
    changed = true;
    keep(false);
    later(AT_REST);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    turn.value = Number(turn.value) + 1;
    keep(event.submitter?.name !== "suggest");
  });
  addEventListener("online", () => later(0));

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  for (const box of document.querySelectorAll(".find")) {
    const list = document.getElementById(box.dataset.narrows);
    const field = box.querySelector("input");
    const found = box.querySelector("[role=status]");
    box.hidden = false;
    field.addEventListener("input", () => {
      const words = plain(field.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const group of [list, ...list.querySelectorAll("fieldset")]) {
        const heading = plain(group.querySelector("legend")?.textContent || "");
        const chips = [...group.querySelectorAll(":scope > .chip-row > .chip")];
        for (const chip of chips) {
          const text = `${heading} ${plain(chip.textContent)}`;
          const fits = words.every((word) => text.includes(word));
          chip.hidden = !fits && !chip.querySelector("input").checked;
          shown += fits;
        }
        if (group !== list) group.hidden = chips.every((chip) => chip.hidden);
      }
      found.textContent = shown ? "" : box.dataset.none;
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
  begin();
})();
