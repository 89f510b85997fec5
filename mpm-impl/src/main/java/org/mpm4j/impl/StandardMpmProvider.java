package org.mpm4j.impl;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.mpm4j.ChildApplication;
import org.mpm4j.Correction;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.StartException;
import org.mpm4j.WorkerPool;
import org.mpm4j.impl.child.StandardWorkerPool;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.supervisor.MachineLimits;
import org.mpm4j.spi.MpmProvider;
import org.mpm4j.spi.WorkerPoolSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The provider that [MpmProvider#installed()] finds: wires supervisor, children and the operating
/// system together.
public final class StandardMpmProvider implements MpmProvider {
  private static final Logger log = LoggerFactory.getLogger(StandardMpmProvider.class);

  /// For [java.util.ServiceLoader].
  public StandardMpmProvider() {}

  @Override
  public Mpm start(
      MpmConfig config, Class<? extends ChildApplication> application, MpmOptions options)
      throws StartException {
    Syscalls os = Linux.open();
    MachineLimits machine = machine(os);
    tell(config.corrections(), machine.check(config));
    return ForkedMpm.start(os, config, machine, application, options);
  }

  @Override
  public Mpm startInProcess(MpmConfig config, ChildApplication application, MpmOptions options)
      throws StartException {
    Syscalls os = Linux.open();
    tell(config.corrections(), machine(os).check(config));
    return InProcessMpm.start(os, config, application, options);
  }

  @Override
  public List<Correction> check(MpmConfig config) {
    List<Correction> findings = new ArrayList<>(config.corrections());
    findings.addAll(machine(Linux.open()).check(config));
    return List.copyOf(findings);
  }

  @Override
  public WorkerPool workerPool(WorkerPoolSettings settings) {
    return StandardWorkerPool.open(settings, null);
  }

  private static void tell(List<Correction> corrections, List<Correction> findings) {
    List<String> lines = new ArrayList<>();
    corrections.forEach(correction -> lines.add(correction.toString()));
    findings.forEach(finding -> lines.add(finding.toString()));
    if (!lines.isEmpty()) {
      log.warn("the configuration is corrected:\n  {}", String.join("\n  ", lines));
    }
  }

  private static MachineLimits machine(Syscalls os) {
    long memory =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return new MachineLimits(
        Runtime.getRuntime().availableProcessors(), memory, os.openFileLimit());
  }
}
