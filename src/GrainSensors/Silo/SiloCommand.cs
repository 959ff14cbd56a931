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
        var kafka = CommonOptions.Kafka("Kafka bootstrap servers");
        var postgres = CommonOptions.Postgres();
        var period = CommonOptions.Period();
        var address = new Option<string?>("--address")
        {
            HelpName = "ADDRESS",
            Description = "Address or name at which other silos reach this one [default: 127.0.0.1]",
        };
        var siloPort = CommonOptions.Port(
            "--silo-port", $"Port for other silos; 0 selects a free one [default: {MemberOptions.DefaultSiloPort}]");
        var gatewayPort = CommonOptions.Port(
            "--gateway-port", $"Port for cluster clients; 0 selects a free one [default: {MemberOptions.DefaultGatewayPort}]");
        var httpAddress = new Option<string?>("--http-address")
        {
            HelpName = "ADDRESS",
            Description = "Address of console, API and health checks [default: 127.0.0.1]",
        };
        var httpPort = CommonOptions.Port(
            "--http-port", $"Port of console, API and health checks; 0 selects a free one [default: {HttpOptions.DefaultPort}]");
        var insecure = new Option<bool>("--insecure") { Description = "Serve without access keys on an address that other machines reach" };
        var command = new Command(
            "silo",
            """
            Run a member of a cluster

            All silos share one Kafka and one PostgreSQL. They find each other in the database and share the partitions
            of the topic. The others take over the partitions of a silo that stops or fails. SIGTERM and Ctrl-C write all
            pending windows and hand the partitions over.

              grainsensors silo --kafka localhost:9092 --postgres "Host=localhost;Username=me;Database=sensors"
              grainsensors silo --silo-port 0 --gateway-port 0 --http-port 8081

            Each silo serves the console at /, the API at /api/v1, health checks at /health/live, /health/ready and
            /health/startup, and the Orleans dashboard at /dashboard.
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

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
