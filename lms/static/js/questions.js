// Asking under a lecture: take the present place of the player into the form.

const player = document.querySelector("video, audio");
const timecode = (seconds) => {
  const whole = Math.floor(seconds);
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

for (const form of player ? document.querySelectorAll("[data-ask]") : []) {
  const now = form.querySelector("[data-ask-now]");
  const field = form.querySelector("[name=at]");
  now.hidden = false;
  now.addEventListener("click", () => {
    field.value = timecode(player.currentTime);
    field.focus();
  });
  // Who opens the form in the middle of the recording most likely asks about what was just said.
  form.closest("details")?.addEventListener("toggle", () => {
    if (!field.value && player.currentTime >= 5) field.value = timecode(player.currentTime);
  });
}
