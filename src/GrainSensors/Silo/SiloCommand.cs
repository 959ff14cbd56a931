using System.CommandLine;
using System.Globalization;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Silo;

/// <summary><c>silo</c>: a member of a cluster that shares one Kafka and one PostgreSQL.</summary>
internal static class SiloCommand
{
    public static Command Create()
    {
        var kafka = CommonOptions.Kafka("Kafka's bootstrap servers");
        var postgres = CommonOptions.Postgres();
        var period = CommonOptions.Period();
        var address = new Option<string?>("--address") { HelpName = "ADDRESS", Description = "Where other silos reach this one [default: 127.0.0.1]" };
        var siloPort = Port("--silo-port", $"For other silos, 0 for any free one [default: {MemberOptions.DefaultSiloPort}]");
        var gatewayPort = Port("--gateway-port", $"For clients of the cluster, 0 for any free one [default: {MemberOptions.DefaultGatewayPort}]");
        var httpAddress = new Option<string?>("--http-address") { HelpName = "ADDRESS", Description = "Where to serve console, API and health [default: 127.0.0.1]" };
        var httpPort = Port("--http-port", $"0 for any free one [default: {HttpOptions.DefaultPort}]");
        var insecure = new Option<bool>("--insecure") { Description = "Let everybody who reaches the address see and do everything, without a key" };
        var command = new Command(
            "silo",
            """
            Run a member of a cluster. Start as many as you like, on as many machines, with the same Kafka and the same
            PostgreSQL: they find each other in the database, share the partitions of the readings' topic, and take over
            what a member leaves or loses. SIGTERM or Ctrl-C makes everything durable and hands over.

            Serves the console, the API at /api/v1, /health/live, /health/ready, /health/startup, and the Orleans dashboard
            at /dashboard.
            """)
        {
            kafka, postgres, period, address, siloPort, gatewayPort, httpAddress, httpPort, insecure,
        };
        command.SetAction((result, cancellationToken) => SiloRun.RunAsync(
            PipelineSettings.Load(CommonOptions.Overrides(
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Postgres:ConnectionString", result.GetValue(postgres)),
                ("Period", result.GetValue(period)),
                ("Silo:AdvertisedAddress", result.GetValue(address)),
                ("Silo:SiloPort", Text(result.GetValue(siloPort))),
                ("Silo:GatewayPort", Text(result.GetValue(gatewayPort))),
                ("Http:Address", result.GetValue(httpAddress)),
                ("Http:Port", Text(result.GetValue(httpPort))),
                ("Http:Insecure", result.GetValue(insecure) ? "true" : null))),
            cancellationToken));
        return command;
    }

    private static Option<int?> Port(string name, string description) => new(name) { HelpName = "PORT", Description = description };

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
