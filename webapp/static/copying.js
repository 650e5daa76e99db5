// A button beside what somebody may want elsewhere; without a script it is marked and copied as all else.
(() => {
  "use strict";
  const said = document.getElementById("copied");
  if (!said) return;
  const marked = (words) => {
    const range = document.createRange();
    range.selectNodeContents(words);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  async function copy(words) {
    try {
      await navigator.clipboard.writeText(words.textContent);
      return true;
    } catch {
      // browsers give that to pages over https alone; where this fails too, the words stay marked
      marked(words);
      return document.execCommand("copy");
    }
  }

  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = button.previousElementSibling;
      said.textContent = "";
      const went = await copy(words);
      said.textContent = went ? `${said.dataset.copied} ${words.textContent}` : said.dataset.failed;
      said.classList.toggle("look", !went);
    });
  }
})();
