package org.mpm4j.examples.servers.boot;

import jakarta.servlet.Servlet;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.ServerContext;
import org.mpm4j.examples.servers.tomcat.HelloServlet;
import org.mpm4j.examples.servers.tomcat.InheritedConnectors;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.server.servlet.ServletWebServerFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Spring Boot in every child, on Tomcat: the application brings a [ServletWebServerFactory] whose
/// Tomcat has connectors on the inherited listeners. The rest of Boot is as ever; with Boot's
/// auto-configuration the bean takes the place of the one that Boot would make.
///
/// Boot's graceful shutdown follows when the connections have ended, because by itself it answers
/// the requests of kept connections with 503.
public final class BootServer implements HostedServer {
  private @Nullable ConfigurableApplicationContext context;

  /// For the children.
  public BootServer() {}

  @Override
  public void start(ServerContext server) {
    InheritedConnectors connectors = new InheritedConnectors(server);
    context =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.SERVLET)
            .registerShutdownHook(false) // the child ends by drain and close
            .initializers(started -> {
              started.getBeanFactory().registerSingleton("server", server);
              started.getBeanFactory().registerSingleton("connectors", connectors);
            })
            .run();
  }

  @Override
  public void drain() throws Exception {
    if (context != null) {
      context.getBean(InheritedConnectors.class).drain();
    }
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
  }

  /// What Boot starts.
  @Configuration(proxyBeanMethods = false)
  static class Application {
    @Bean
    ServletWebServerFactory webServerFactory(InheritedConnectors connectors) {
      TomcatServletWebServerFactory factory =
          new TomcatServletWebServerFactory() {
            @Override
            protected TomcatWebServer getTomcatWebServer(Tomcat tomcat) {
              tomcat.getService().removeConnector(tomcat.getConnector()); // never bound
              connectors.addTo(tomcat);
              return super.getTomcatWebServer(tomcat);
            }
          };
      factory.setShutdown(Shutdown.GRACEFUL);
      return factory;
    }

    @Bean
    Servlet hello(ServerContext server) {
      return new HelloServlet(server);
    }
  }
}
