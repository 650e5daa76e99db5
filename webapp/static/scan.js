// Where the browser can read codes, the camera types what it sees into the number's field and sends it.
(async () => {
  const form = document.getElementById("scan");
  const usable = form && window.isSecureContext && navigator.mediaDevices && "BarcodeDetector" in window;
  const wanted = ["qr_code", "code_128", "code_39", "ean_13"];
  const known = usable ? await BarcodeDetector.getSupportedFormats() : [];
  const formats = wanted.filter((one) => known.includes(one));
  if (!formats.length) return;

  const camera = document.getElementById("camera");
  const button = camera.querySelector("button"), video = camera.querySelector("video");
  const refused = camera.querySelector("p"), start = button.textContent;
  const detector = new BarcodeDetector({ formats });
  let stream = null, last = "", seen = 0;
  document.getElementById("no-camera").hidden = true;
  camera.hidden = false;

  // the rest of the page is shown anew, so that the camera need not stop
  const send = async (number) => {
    form.elements.number.value = number;
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("told")) return location.reload();
    for (const id of ["told", "counts"]) {
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    }
    form.elements.number.value = "";
    navigator.vibrate?.(80);
  };

  // a code that stays before the camera counts once
  const look = async () => {
    if (!stream) return;
    const [code] = await detector.detect(video).catch(() => []);
    const now = performance.now();
    if (code && (code.rawValue !== last || now - seen > 3000)) {
      last = code.rawValue;
      await send(last).catch(() => location.reload());
    }
    if (code) seen = performance.now();
    setTimeout(look, 150);
  };

  const stop = () => {
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    button.textContent = start;
    form.elements.number.focus();
  };

  button.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      refused.hidden = false;
      return;
    }
    refused.hidden = true;
    video.srcObject = stream;
    video.hidden = false;
    button.textContent = button.dataset.stop;
    await video.play();
    look();
  });
})();
