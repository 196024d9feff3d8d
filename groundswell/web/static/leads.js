/* The keys of the leads screen: each presses a button that is there without this script too.

   A key means the lead that is on the screen. While the next one is on its way, and before it has been shown long enough
   to be read, keys are refused aloud and nothing is sent. */
"use strict";
(() => {
  const FIELDS = "textarea, select, input:not([type=radio]):not([type=checkbox])";
  const TOLD = [403, 409, 413, 422];
  const status = document.getElementById("status");
  let shownAt = performance.now();
  let isSending = false;

  const lead = () => document.getElementById("lead");
  const say = (text, isBad = false) => {
    status.textContent = text;
    status.classList.toggle("bad", isBad);
  };

  const move = (step) => {
    const choices = [...lead().querySelectorAll("input[name=post]")];
    const now = choices.findIndex((one) => one.checked);
    const next = choices[Math.min(Math.max(now + step, 0), choices.length - 1)];
    if (!next) return;
    next.checked = true;
    next.focus();
    next.closest("article, .choices").scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches(FIELDS) || event.target.isContentEditable) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") return void move(key === "j" ? 1 : -1);
    const button = [...lead().querySelectorAll("button[data-key]")].find((one) => one.dataset.key === key);
    if (!button) return;
    event.preventDefault();
    if (isSending) return void say("Refused: the next lead is not shown yet.", true);
    if (performance.now() - shownAt < Number(lead().dataset.shortest)) {
      return void say("Refused: this lead was shown too shortly to be read.", true);
    }
    button.click();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isSending) event.preventDefault();
    else isSending = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    isSending = false;
    // What the app refused it says itself, in the same place.
    if (event.detail.failed && !TOLD.includes(event.detail.xhr.status)) say("Not kept: the app did not answer. Try again.", true);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "status") shownAt = performance.now();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "status") return;
    status.classList.remove("bad");
    const heading = lead().querySelector("h2[tabindex]");
    if (heading) heading.focus();
    window.scrollTo(0, 0);
  });
})();
