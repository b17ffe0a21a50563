/** The figures of the admin's front page are read anew as often as the nodes write them. Milliseconds. */
const PERIOD = 10_000;

async function refresh() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // There is none where the session has ended: then the last figures stay.
  const figures = page.querySelector(".dashboard");
  if (figures) {
    document.querySelector(".dashboard")?.replaceWith(figures);
  }
}

setInterval(() => {
  if (!document.hidden) {
    refresh().catch(() => {
      // The network is away; the next one may come through.
    });
  }
}, PERIOD);
