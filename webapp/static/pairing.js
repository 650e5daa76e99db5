// A screen that waits: it asks for a code by itself, and goes on as soon as the desk has typed it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-at-once]");
  if (form) {
    form.submit();
    return;
  }
  const code = document.querySelector("[data-code]").dataset.code;
  setInterval(async () => {
    try {
      const answer = await fetch("/screen", { cache: "no-store" });
      const text = await answer.text();
      if (answer.redirected || !text.includes(`data-code="${code}"`)) location.reload();
    } catch {
      // asked again in a moment
    }
  }, 3000);
})();
