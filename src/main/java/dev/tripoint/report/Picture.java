package dev.tripoint.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** A small grey picture inside the page. */
final class Picture {
  private static final float BRIGHTEST = 16;

  private Picture() {}

  /** Dark ink on white: 0 is white, 16 black. */
  static String html(float[] pixels, int side, String alt) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < side * side; i++) {
      int grey = Math.round(255 * (1 - Math.clamp(pixels[i] / BRIGHTEST, 0, 1)));
      image.getRaster().setSample(i % side, i / side, 0, grey);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.setUseCache(false);
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "<img alt=\"%s\" src=\"data:image/png;base64,%s\">"
        .formatted(Svg.escape(alt), Base64.getEncoder().encodeToString(png.toByteArray()));
  }
}
