/* "Write a note on this moment" on a lecture's page: the note takes the second at which the player stands. */

const link = document.querySelector("a[data-note-here]");
link?.addEventListener("click", () => {
  const player = document.querySelector("video, audio");
  const second = Math.floor(player?.currentTime ?? 0);
  const address = new URL(link.href);
  address.searchParams.set("about", second > 0 ? `${link.dataset.noteHere}:${second}` : link.dataset.noteHere);
  link.href = address.pathname + address.search;
});
