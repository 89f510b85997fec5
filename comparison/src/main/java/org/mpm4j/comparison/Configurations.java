package org.mpm4j.comparison;

import java.util.List;
import org.mpm4j.comparison.Contender.Site;

/// The configurations of the servers that take one. Pure text.
final class Configurations {
  private static final String MODULES = "/usr/lib/apache2/modules";

  /// Connections beyond its threads that a child of event takes, for each idle thread. mpm4j needs
  /// it for slow clients; httpd counts idle connections too.
  private static final int ASYNC_FACTOR = 20;

  private static final int HTTPD_ASYNC_FACTOR = 200;

  private Configurations() {}

  /// The numbers of a process model.
  private static String pool(String model, boolean httpd) {
    if (model.equals("prefork")) {
      return """
      ServerLimit %1$d
      StartServers %1$d
      MinSpareServers 1
      MaxSpareServers %1$d
      MaxRequestWorkers %1$d
      """
          .formatted(Contenders.CHILDREN);
    }
    int threads = model.equals("worker") ? Contenders.WORKER_THREADS : Contenders.THREADS;
    String pool =
        """
        ServerLimit 1
        StartServers 1
        ThreadLimit %1$d
        ThreadsPerChild %1$d
        MinSpareThreads 1
        MaxSpareThreads %1$d
        MaxRequestWorkers %1$d
        """
            .formatted(threads);
    return model.equals("event")
        ? pool + "AsyncRequestWorkerFactor " + (httpd ? HTTPD_ASYNC_FACTOR : ASYNC_FACTOR) + "\n"
        : pool;
  }

  /// What httpd and mpm-httpd read alike.
  private static String common(String model, Site site, boolean httpd) {
    return """
    Listen 127.0.0.1:%d
    %sKeepAlive On
    KeepAliveTimeout 60
    MaxKeepAliveRequests 0
    ListenBackLog 4096
    PidFile "%s/httpd.pid"
    DocumentRoot "%s"
    """
        .formatted(site.port(), pool(model, httpd), site.run(), site.files());
  }

  /// `mpm-httpd` with one of its models.
  static String mpm4j(String model, Site site, List<String> jvmOptions) {
    return """
    Mpm %s
    ProcessManager static
    %s%s<Location /hello>
        SetHandler hello
    </Location>
    <Location /echo>
        SetHandler echo
    </Location>
    <Location /sleep>
        SetHandler sleep
    </Location>
    """
        .formatted(
            model,
            common(model, site, false),
            jvmOptions.isEmpty() ? "" : "ChildJvmOption " + String.join(" ", jvmOptions) + "\n");
  }

  /// The event model with several children, to be filled with idle connections: what comes later in
  /// a configuration counts.
  static String event(int children, Site site, List<String> jvmOptions) {
    return mpm4j("event", site, jvmOptions)
        + """
        ServerLimit %d
        MaxRequestWorkers %d
        KeepAliveTimeout 300
        <Location /server-status>
            SetHandler server-status
        </Location>
        """
            .formatted(children, children * Contenders.THREADS);
  }

  /// Debian's apache2, without its own configuration.
  ///
  /// @param root whether it is started by root, whom it does not serve as
  static String httpd(String model, Site site, boolean root) {
    return """
    ServerRoot "%1$s"
    DefaultRuntimeDir "%1$s"
    ServerName 127.0.0.1
    ErrorLog "%1$s/error.log"
    LogLevel error
    LoadModule mpm_%2$s_module %3$s/mod_mpm_%2$s.so
    LoadModule authz_core_module %3$s/mod_authz_core.so
    LoadModule reflector_module %3$s/mod_reflector.so
    %4$s%5$sFileETag None
    <Directory "%6$s">
        Options None
        AllowOverride None
        Require all granted
    </Directory>
    <Files hello>
        ForceType text/plain
    </Files>
    <Location /echo>
        SetHandler reflector
    </Location>
    """
        .formatted(
            site.run(),
            model,
            MODULES,
            root ? "User www-data\nGroup www-data\n" : "",
            common(model, site, true),
            site.files());
  }

  /// One worker process of nginx.
  static String nginx(Site site, boolean root) {
    return """
    daemon off;
    worker_processes 1;
    %1$spid %2$s/nginx.pid;
    error_log %2$s/error.log error;
    events { worker_connections 16384; }
    http {
        access_log off;
        default_type application/octet-stream;
        sendfile on;
        tcp_nopush on;
        keepalive_timeout 60;
        keepalive_requests 1000000000;
        client_body_buffer_size 128k;
        client_body_temp_path %2$s/body;
        proxy_temp_path %2$s/proxy;
        fastcgi_temp_path %2$s/fastcgi;
        uwsgi_temp_path %2$s/uwsgi;
        scgi_temp_path %2$s/scgi;
        server {
            listen 127.0.0.1:%3$d backlog=4096;
            root %4$s;
            location = /hello { default_type text/plain; return 200 "Hello, World!"; }
            location = /echo { default_type text/plain; return 200 "Hello, World!"; }
        }
    }
    """
        .formatted(root ? "user root;\n" : "", site.run(), site.port(), site.files());
  }
}
