package org.mpm4j.impl.scaling;

import java.util.Random;

/// How many requests there are at each moment, as a share of all workers that the limit allows.
enum LoadTrace {
  /// A tenth, for two minutes seven tenths, a tenth again.
  STEP("step") {
    @Override
    double share(double second) {
      return second >= 20 && second < 140 ? 0.7 : 0.05;
    }
  },

  /// Twice within two seconds from a tenth to nine tenths; ten seconds later it dies away.
  FLASH_CROWD("flash crowd") {
    @Override
    double share(double second) {
      double since = second < 150 ? second - 30 : second - 150;
      double crowd =
          since < 0
              ? 0
              : since < 2 ? since / 2 : since < 12 ? 1 : StrictMath.exp((12 - since) / 20);
      return 0.05 + 0.85 * crowd;
    }
  },

  /// From a tenth to seven tenths and back, once a minute.
  SINE("sine") {
    @Override
    double share(double second) {
      return 0.4 - 0.3 * StrictMath.cos(second * 2 * StrictMath.PI / 60);
    }
  },

  /// Around a half, with a memory of a few seconds; half a minute to get there.
  NOISE("noise") {
    @Override
    double share(double second) {
      return Math.min(1, (second + 5) / 35) * NOISY[(int) Math.round(second * 10)];
    }
  };

  static final int SECONDS = 240;

  private static final double[] NOISY = noise(new Random(3));

  final String title;

  LoadTrace(String title) {
    this.title = title;
  }

  abstract double share(double second);

  /// A first-order autoregression, ten values a second: standard deviation 0.08, memory 5 s.
  private static double[] noise(Random random) {
    double[] values = new double[SECONDS * 10 + 1];
    double keep = StrictMath.exp(-0.1 / 5);
    double deviation = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.clamp(0.5 + deviation, 0.02, 1);
      deviation =
          deviation * keep + 0.08 * StrictMath.sqrt(1 - keep * keep) * random.nextGaussian();
    }
    return values;
  }
}
