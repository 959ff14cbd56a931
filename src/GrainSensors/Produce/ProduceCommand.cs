using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;

namespace GrainSensors.Produce;

/// <summary><c>produce</c>: simulated sensors against any Kafka, for demos and load.</summary>
internal static class ProduceCommand
{
    public static Command Create()
    {
        var kafka = CommonOptions.Kafka("The Kafka to produce to");
        var topic = CommonOptions.Topic();
        var sensors = Number("--sensors", "N", "How many sensors to simulate", 20, 1, 10_000_000);
        var firstId = Number("--first-id", "ID", "The id of the first sensor; the others follow", 1, 0, int.MaxValue);
        var rate = new Option<string?>("--rate") { HelpName = "N|max", Description = "Readings a second, of all sensors together [default: one of each sensor]" };
        var duration = new Option<string?>("--for") { HelpName = "DURATION", Description = "Stop after so long, such as 90s, 10m, 2h or PT10M [default: at Ctrl-C]" };
        var unkeyed = new Option<bool>("--unkeyed") { Description = "Send no keys, as the old producers did: a sensor's readings then spread over the partitions" };
        var errors = new Option<string?>("--errors") { HelpName = "P", Description = "Share of the readings that are errors, such as 0.02 or 2% [default: 0.1 to 1 %, each sensor its own]" };
        var json = CommonOptions.Json();
        var command = new Command(
            "produce",
            """
            Simulate sensors that send their readings to a Kafka, for demos and load.

              grainsensors produce --kafka localhost:9092
              grainsensors produce --kafka localhost:9092 --sensors 10000 --for 10m
              grainsensors produce --kafka localhost:9092 --sensors 500 --rate max --unkeyed --errors 2% --for 60s --json

            Readings are the JSON that the topic has always had. An error is a temperature that is off by 5 to 10 °C, or
            null. A producer that the broker slows down sends less and tells so; it does not catch up later.
            Exit codes: 0 every reading was acknowledged, 3 some were not, 2 it could not run.
            """)
        {
            kafka, topic, sensors, firstId, rate, duration, unkeyed, errors, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Kafka:Topic", result.GetValue(topic))));
            if (settings.Kafka.BootstrapServers.Length == 0)
            {
                throw new UsageException("produce needs a Kafka: give --kafka HOST:PORT, for one 'grainsensors broker' or a cluster's.");
            }

            if ((long)result.GetValue(firstId) + result.GetValue(sensors) - 1 > int.MaxValue)
            {
                throw new UsageException($"--first-id {result.GetValue(firstId)} leaves no ids for {result.GetValue(sensors)} sensors; the last id must be below 2147483648.");
            }

            var request = new ProduceRequest(
                result.GetValue(sensors),
                result.GetValue(firstId),
                ProduceRequest.ParseRate(result.GetValue(rate), result.GetValue(sensors)),
                result.GetValue(duration) is { } length ? OptionValues.Duration("--for", length) : null,
                !result.GetValue(unkeyed),
                ProduceRequest.ParseErrors(result.GetValue(errors)));
            using var interruption = new Interruption(cancellationToken);
            return await new ProduceRun(settings, request, TimeProvider.System).RunAsync(result.GetValue(json), interruption.Token);
        });
        return command;
    }

    private static Option<int> Number(string name, string helpName, string description, int byDefault, int least, int most) => new(name)
    {
        HelpName = helpName,
        Description = description,
        DefaultValueFactory = _ => byDefault,
        CustomParser = result => CommonOptions.Integer(result, least, most),
    };
}
