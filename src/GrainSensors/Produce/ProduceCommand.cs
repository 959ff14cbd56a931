using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Produce;

/// <summary><c>produce</c>: simulated sensors that send readings to any Kafka, for demos and load tests.</summary>
internal static class ProduceCommand
{
    private const int DefaultSensors = 20;
    private const int MaxSensors = 10_000_000;

    public static Command Create()
    {
        var kafka = CommonOptions.Kafka("Kafka to produce to");
        var topic = CommonOptions.Topic();
        var sensors = CommonOptions.Integer("--sensors", "N", $"Number of simulated sensors [default: {DefaultSensors}]", 1, MaxSensors);
        var firstId = CommonOptions.Integer("--first-id", "ID", "Id of the first sensor; the others follow [default: 1]");
        var rate = CommonOptions.Parsed<double?>(
            "--rate", "N|max", "Readings per second of all sensors together [default: one per sensor]", ProduceRequest.ParseRate);
        var duration = CommonOptions.Duration("--for", "How long to produce, such as 90s, 10m or PT10M [default: until Ctrl-C]");
        var unkeyed = new Option<bool>("--unkeyed")
        {
            Description = "Send no keys, as producers of the Python pipeline did. Readings of a sensor then spread over the partitions",
        };
        var errors = CommonOptions.Parsed<double?>(
            "--errors",
            "SHARE",
            "Share of erroneous readings, such as 0.02 or 2% [default: 0.1 to 1 %, different for each sensor]",
            ProduceRequest.ParseErrors);
        var json = CommonOptions.Json();
        var command = new Command(
            "produce",
            """
            Simulate sensors that send readings to a Kafka

              grainsensors produce --kafka localhost:9092
              grainsensors produce --kafka localhost:9092 --sensors 10000 --for 10m
              grainsensors produce --kafka localhost:9092 --sensors 500 --rate max --unkeyed --errors 2% --for 60s --json

            Readings use the JSON format of the topic sensor-data. An erroneous reading has a temperature that is off by 5
            to 10 °C, or null. If the broker slows the producer down, the command sends fewer readings and reports it; it
            does not catch up later.

            Exit codes: 0 every reading was acknowledged, 3 some were not, 2 the command could not run.
            """)
        {
            kafka, topic, sensors, firstId, rate, duration, unkeyed, errors, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Kafka:Topic", result.GetValue(topic))));
            settings.Kafka.RequireAddress();
            var (count, first) = (result.GetValue(sensors) ?? DefaultSensors, result.GetValue(firstId) ?? 1);
            if ((long)first + count - 1 > int.MaxValue)
            {
                throw new UsageException($"--first-id must be at most {int.MaxValue - count + 1} for {count} sensors; got \"{first}\".");
            }

            var request = new ProduceRequest(
                count,
                first,
                result.GetValue(rate) ?? count,
                result.GetValue(duration),
                !result.GetValue(unkeyed),
                result.GetValue(errors));
            return await new ProduceRun(settings, request, TimeProvider.System).RunAsync(result.GetValue(json), cancellationToken);
        });
        return command;
    }
}
