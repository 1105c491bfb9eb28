/* Photographs: drawn anew at most 1600 points wide or high, so that they are small and say nothing of place and phone. */
(() => {
  "use strict";
  const Field = (window.Field = window.Field || {});
  const MOST = 1600;
  const QUALITY = 0.8;

  Field.shrink = async (file) => {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob) throw new Error("no picture");
    return blob;
  };
})();
