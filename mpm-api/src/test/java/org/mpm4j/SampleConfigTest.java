package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleConfigTest {
  private static final Vocabulary SERVER = Configs.STATUS_SERVER.withDefaults("Listen 8080");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          guide-all.conf | prefork | MaxRequestWorkers 150¶StartServers 5¶MinSpareServers 5¶MaxSpareServers 10
          guide-all.conf | worker | ThreadsPerChild 25¶MaxRequestWorkers 400¶StartServers 3¶MinSpareThreads 75¶MaxSpareThreads 250
          guide-all.conf | event | ThreadsPerChild 25¶MaxRequestWorkers 400¶StartServers 3¶MinSpareThreads 75¶MaxSpareThreads 250
          guide-basic.conf | prefork | MaxRequestWorkers 256¶StartServers 5¶MinSpareServers 5¶MaxSpareServers 10
          guide-basic.conf | worker | ThreadsPerChild 25¶MaxRequestWorkers 150¶StartServers 2¶MinSpareThreads 25¶MaxSpareThreads 75
          guide-basic.conf | event | ThreadsPerChild 25¶MaxRequestWorkers 400¶StartServers 3¶MinSpareThreads 75¶MaxSpareThreads 250
          """)
  void aGuidesFileLoadsAsItIsUnderEachModel(String name, String model, String values)
      throws URISyntaxException {
    MpmConfig config = MpmConfig.load(sample(name), List.of("Mpm " + model), SERVER);
    assertEquals(model, config.model().httpdName());
    assertEquals(
        values,
        Configs.values(
            config,
            "ThreadsPerChild MaxRequestWorkers StartServers MinSpareServers MaxSpareServers"
                + " MinSpareThreads MaxSpareThreads"));
    assertEquals(List.of(), config.corrections());
    assertEquals(
        name.equals("guide-all.conf") ? "[<Location /server-status>]" : "[]",
        config.serverDirectives().toString());
  }

  private static Path sample(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(SampleConfigTest.class.getResource("samples/" + name)).toURI());
  }
}
