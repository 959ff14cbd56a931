using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Replay;

/// <summary><c>replay</c>: a recording through the pipeline.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "CSV with a header; the columns sensor_id, timestamp and temperature (humidity …) are found by name, others are ignored" };
        var period = CommonOptions.Period();
        var store = CommonOptions.Store("Where windows are kept [default: a temporary one]");
        var kafka = CommonOptions.Kafka("The Kafka to go through [default: the embedded broker]");
        var topic = CommonOptions.Topic();
        var produceOnly = new Option<bool>("--produce-only") { Description = "Only produce the readings; a running cluster works them off" };
        var speed = new Option<string>("--speed") { HelpName = "max|60x|1x", Description = "How fast recorded time passes", DefaultValueFactory = _ => "max" };
        var output = new Option<string?>("--output") { HelpName = "FILE", Description = "Write the windows as CSV, sorted by sensor, metric and start" };
        var alerts = new Option<string?>("--alerts") { HelpName = "FILE", Description = "Watch the sensors, and write their alerts as CSV; with a column label in the recording, 1 where a reading belongs to an event, tell how many were found" };
        var json = CommonOptions.Json();
        var command = new Command(
            "replay",
            """
            Send a recording through Kafka into windows, and tell how it came out.

              grainsensors replay library.csv --output windows.csv
              grainsensors replay library.csv --period PT1M --store "postgres:Host=localhost;Database=sensors"
              grainsensors replay library.csv --kafka localhost:9092 --produce-only --speed 60x

            Readings get their windows by the time that they carry, not by now. A line that is no reading is reported with
            its number, and the rest goes on. Exit codes: 0 all of it, 3 something was rejected, 2 it could not run.
            """)
        {
            file, period, store, kafka, topic, produceOnly, speed, output, alerts, json,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Period", result.GetValue(period)),
                ("Store", result.GetValue(store)),
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Kafka:Topic", result.GetValue(topic))));
            var request = new ReplayRequest(
                result.GetRequiredValue(file),
                ReplaySpeed.Parse(result.GetRequiredValue(speed)),
                result.GetValue(produceOnly),
                KeepsWindows: result.GetValue(store) is not null,
                result.GetValue(output),
                result.GetValue(alerts),
                result.GetValue(json));
            return new ReplayRun(settings, request, TimeProvider.System).RunAsync(cancellationToken);
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(produceOnly) && result.GetResult(kafka) is null)
            {
                result.AddError("--produce-only needs --kafka: the embedded broker ends with the command.");
            }

            if (result.GetValue(produceOnly) && (result.GetResult(output) is not null || result.GetResult(store) is not null || result.GetResult(alerts) is not null))
            {
                result.AddError("--produce-only writes no windows and no alerts: leave out --output, --alerts and --store.");
            }
        });
        return command;
    }
}
