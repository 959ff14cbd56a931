using System.CommandLine;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Replay;

/// <summary><c>replay</c>: sends a recording through the pipeline.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "CSV file with a header, also in gzip; - is standard input. The columns sensor_id, timestamp and a measurement "
                + "such as temperature are required",
        };
        var period = CommonOptions.Period();
        var store = CommonOptions.Store("Where to keep the windows [default: a temporary store]");
        var kafka = new Option<string?>("--kafka")
        {
            HelpName = "HOST:PORT",
            Description = "Kafka to produce to and to read from, after a confirmation [default: a private embedded broker]",
        };
        var topic = CommonOptions.Topic();
        var produceOnly = new Option<bool>("--produce-only")
        {
            Description = "Only produce the readings; the running cluster processes them. Requires --kafka",
        };
        var speed = CommonOptions.Parsed<ReplaySpeed?>(
            "--speed", "SPEED", "max, 1x for the recorded pace, or a multiple such as 60x [default: max]", ReplaySpeed.Parse);
        var output = new Option<string?>("--output")
        {
            HelpName = "FILE",
            Description = "Write the windows as CSV, sorted by sensor, measurement and start",
        };
        var alerts = new Option<string?>("--alerts")
        {
            HelpName = "FILE",
            Description = "Apply the alert rules and write the alerts as CSV. With a column label in the recording "
                + "(1 marks a reading of an event), the summary counts the events found",
        };
        var rules = new Option<string?>("--rules")
        {
            HelpName = "FILE",
            Description = "YAML file of alert rules that apply beside the built-in ones. Requires --alerts and the temporary store",
        };
        var csv = new CsvOptions();
        var times = new TimeOptions();
        var yes = Confirmation.Yes();
        var json = CommonOptions.Json("Print the summary as one JSON object");
        var command = new Command(
            "replay",
            """
            Send a recording through Kafka into windows and print a summary

              grainsensors replay library.csv --output windows.csv
              grainsensors replay library.csv --period 1m --store "postgres:Host=localhost;Database=sensors"
              grainsensors replay library.csv --kafka localhost:9092 --produce-only --speed 60x --yes
              grainsensors replay logger.csv.gz --time-format "dd/MM/yyyy HH:mm" --time-zone Europe/Madrid

            Readings are assigned to windows by their own time. Invalid lines are reported with their line number, and the
            replay continues.

            The delimiter is a comma, a semicolon, a tab or a vertical bar. Timestamps are ISO 8601, or epoch seconds,
            milliseconds, microseconds or nanoseconds. A cell that is empty or NaN, NA, N/A, null or - has no value.

            Without --kafka the recording stays in this process, even if a Kafka is configured. With --kafka, silos that
            consume the topic put the recording into their windows: the command names topic and Kafka, and asks first. It also asks
            before it adds readings to a store in which a pipeline has open windows.

            Exit codes: 0 all lines were replayed, 3 some were rejected, 2 the command could not run.
            """)
        {
            file, csv.Columns, csv.Encoding, times.Format, times.Zone, period, store, kafka, topic, produceOnly, speed, output, alerts,
            rules, yes, json,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Period", result.GetValue(period)),
                ("Store", result.GetValue(store)),
                ("Kafka:BootstrapServers", result.GetValue(kafka) ?? ""),
                ("Kafka:Topic", result.GetValue(topic))));
            if (result.GetValue(kafka) is not null)
            {
                var target = $"topic {settings.Kafka.Topic} of Kafka {settings.Kafka.RequireAddress().BootstrapServers}";
                Confirmation.Require(
                    $"The readings of {CsvSource.NameOf(result.GetRequiredValue(file))} go to {target}",
                    result.GetValue(yes),
                    cancellationToken);
            }

            var request = new ReplayRequest(
                new(result.GetRequiredValue(file), csv.Of(result), result.GetValue(times.Format), result.GetValue(times.Zone)),
                result.GetValue(speed) ?? ReplaySpeed.Max,
                result.GetValue(produceOnly),
                KeepsWindows: result.GetValue(store) is not null,
                IsConfirmed: result.GetValue(yes),
                result.GetValue(output),
                result.GetValue(alerts),
                result.GetValue(rules),
                result.GetValue(json));
            return new ReplayRun(settings, request, TimeProvider.System).RunAsync(cancellationToken);
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(produceOnly) is not null && result.GetResult(kafka) is null)
            {
                result.AddError("--produce-only requires --kafka, because the embedded broker stops with the command.");
            }

            if (result.GetResult(rules) is not null && (result.GetResult(alerts) is null || result.GetResult(store) is not null))
            {
                result.AddError("--rules requires --alerts, and a temporary store; omit --store.");
            }

            Option[] ofWindows = [output, store, alerts];
            if (result.GetResult(produceOnly) is not null && ofWindows.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("--produce-only writes no windows and no alerts; omit --output, --alerts and --store.");
            }
        });
        return command;
    }
}
