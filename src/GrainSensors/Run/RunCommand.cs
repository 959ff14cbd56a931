using System.CommandLine;
using System.Globalization;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;
using GrainSensors.Mqtt.Embedded;

namespace GrainSensors.Run;

/// <summary><c>run</c>: everything in one process, for a first look.</summary>
internal static class RunCommand
{
    private const int MaxSensors = 10_000_000;

    public static Command Create()
    {
        var sensors = CommonOptions.Integer(
            "--sensors", "N", "Number of simulated sensors, one reading per second each [default: 20; with --empty 0]", 0, MaxSensors);
        var empty = new Option<bool>("--empty")
        {
            Description = "Bring your own sensors: no history in a new store, and no simulated sensors unless --sensors asks for some",
        };
        var period = CommonOptions.Period();
        var store = CommonOptions.Store("Where windows are stored [default: sqlite:data/grainsensors.db]");
        var httpPort = CommonOptions.Port(
            "--http-port",
            $"Port of the console on loopback; 0 selects a free one [default: {HttpOptions.DefaultPort}, or a free one if it is in use]");
        var mqttPort = CommonOptions.Port(
            "--mqtt-port",
            $"Port of the MQTT broker on loopback; 0 selects a free one [default: {EmbeddedMqttBroker.DefaultPort}, or a free one if it is "
            + "in use]");
        var command = new Command(
            "run",
            """
            Run everything in one process: brokers, silo, simulated sensors, console (default)

            The command needs no server. It starts an embedded Kafka broker on loopback. Simulated sensors send
            readings, and the silo writes their windows to the store every half second. Query them with:

              sqlite3 data/grainsensors.db "SELECT * FROM sensor_temperatures ORDER BY window_start DESC LIMIT 20"

            It also starts an MQTT broker on loopback. Send it a reading with the following line, and with -p PORT if
            the command prints another port than 1883:

              mosquitto_pub -t sensors/kitchen/telemetry -m '{"temperature":21.5}'

            Ctrl-C writes all pending windows and stops. The next start continues the open windows.
            """)
        {
            sensors, empty, period, store, httpPort, mqttPort,
        };
        command.SetAction((result, cancellationToken) => LocalRun.RunAsync(
            CommonOptions.Overrides(
                ("Sensors", (result.GetValue(sensors) ?? (result.GetValue(empty) ? 0 : null))?.ToString(CultureInfo.InvariantCulture)),
                ("Period", result.GetValue(period)),
                ("Store", result.GetValue(store)),

                // The simulated sensors would fall into the windows of the cluster whose database the environment names.
                ("Postgres:ConnectionString", ""),
                ("Http:Port", result.GetValue(httpPort)?.ToString(CultureInfo.InvariantCulture)),
                ("Mqtt:Port", result.GetValue(mqttPort)?.ToString(CultureInfo.InvariantCulture))),
            result.GetValue(empty),
            cancellationToken));
        return command;
    }
}
