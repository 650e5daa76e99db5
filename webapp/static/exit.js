// The quick exit: the page is gone at once, and Back does not lead to it. Escape pressed three times does the same.
(() => {
  "use strict";
  const form = document.querySelector("form.exit");
  if (!form) return;
  const TIMES = 3, WITHIN = 2000;
  let pressed = [];
  document.querySelector(".by-key").hidden = false;
  const leave = () => {
    document.documentElement.hidden = true;
    document.title = new URL(form.dataset.to).hostname;
    // it is on its way even while the next page comes; where it fails the other site comes all the same
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true }).catch(() => {});
    try {
      sessionStorage.clear();
      localStorage.clear();
    } catch {
      // none is given
    }
    location.replace(form.dataset.to);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  addEventListener("keydown", (event) => {
    if (event.repeat) return;
    pressed = event.key === "Escape" ? [...pressed, event.timeStamp].slice(-TIMES) : [];
    if (pressed.length === TIMES && event.timeStamp - pressed[0] <= WITHIN) leave();
  });
})();
