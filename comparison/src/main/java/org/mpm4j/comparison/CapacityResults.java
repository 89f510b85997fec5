package org.mpm4j.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/// What `compare --capacity` measured. Not for concurrent use.
///
/// @param objects what the heap has more of for each connection; empty if not looked at
record CapacityResults(
    List<Held> held, List<Memory> memory, List<Histogram.Growth> objects, List<Many> many) {
  /// The idle connections beside which the throughput has a bar.
  static final int BAR_IDLE = 10_000;

  private static final double MOST_CPU = 1.1;
  private static final double LEAST_RATE = 0.95;
  private static final double MOST_BYTES = 1024;

  CapacityResults() {
    this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }

  /// A load beside idle connections.
  ///
  /// @param answered how many of the idle ones had an answer afterwards
  record Held(int round, int idle, LoadGenerator.Cost cost, int answered) {}

  /// Memory of one server with idle connections.
  ///
  /// @param setting the options of the child
  /// @param pssBefore of all its processes, without them
  record Memory(
      String setting,
      int round,
      int idle,
      long pssBefore,
      long pssAfter,
      KernelMemory kernel,
      int answered) {
    double bytesEach() {
      return (double) (pssAfter - pssBefore) / idle;
    }
  }

  /// Several children full of connections.
  ///
  /// @param seconds how long they took to be connected and to have their first answer
  /// @param spread how many each child has
  /// @param alone the load before they came
  /// @param askSeconds how long it took until all were asked again
  record Many(
      int wanted,
      int connected,
      double seconds,
      List<Long> spread,
      LoadGenerator.Cost alone,
      LoadGenerator.Cost beside,
      long pssBefore,
      long pssAfter,
      KernelMemory kernel,
      int answered,
      double askSeconds) {}

  /// How a number of idle connections compares with none, as the median of the ratios of each
  /// round.
  OptionalDouble ratio(int idle, ToDoubleFunction<LoadGenerator.Cost> metric) {
    DoubleStream.Builder ratios = DoubleStream.builder();
    for (Held it : held) {
      if (it.idle() == idle) {
        held.stream()
            .filter(other -> other.idle() == 0 && other.round() == it.round())
            .mapToDouble(
                other -> metric.applyAsDouble(it.cost()) / metric.applyAsDouble(other.cost()))
            .forEach(ratios);
      }
    }
    return Results.median(ratios.build());
  }

  /// The median over the rounds.
  OptionalDouble median(int idle, ToDoubleFunction<Held> metric) {
    return Results.median(held.stream().filter(it -> it.idle() == idle).mapToDouble(metric));
  }

  /// The median over the rounds of one setting.
  OptionalDouble memory(String setting, ToDoubleFunction<Memory> metric) {
    return Results.median(
        memory.stream().filter(it -> it.setting().equals(setting)).mapToDouble(metric));
  }

  List<Integer> idle() {
    return held.stream().map(Held::idle).distinct().toList();
  }

  List<String> settings() {
    return memory.stream().map(Memory::setting).distinct().toList();
  }

  /// What is meant to be reached, of what was measured.
  List<Bar> bars() {
    List<Bar> bars = new ArrayList<>();
    for (int idle : idle()) {
      if (idle > 0) {
        String beside = Numbers.whole(idle) + " idle / none";
        bars.add(
            new Bar(
                "CPU per request, " + beside,
                "<=",
                MOST_CPU,
                ratio(idle, LoadGenerator.Cost::cpuMicrosPerRequest)));
        if (idle == BAR_IDLE) {
          bars.add(
              new Bar(
                  "requests per second, " + beside,
                  ">=",
                  LEAST_RATE,
                  ratio(idle, it -> it.load().requestsPerSecond())));
        }
        bars.add(
            new Bar(
                Numbers.whole(idle) + " idle: how many answer afterwards, in the worst round",
                ">=",
                idle,
                held.stream().filter(it -> it.idle() == idle).mapToDouble(Held::answered).min()));
      }
    }
    for (String setting : settings()) {
      bars.add(
          new Bar(
              "bytes of memory per idle connection, " + setting,
              "<=",
              MOST_BYTES,
              memory(setting, Memory::bytesEach)));
    }
    for (Many it : many) {
      bars.add(
          new Bar(
              "connections over " + it.spread().size() + " children that answer once more",
              ">=",
              it.wanted(),
              OptionalDouble.of(it.answered())));
    }
    return bars;
  }
}
