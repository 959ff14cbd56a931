using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Invocation;

namespace GrainSensors.DeadLetters;

/// <summary>The options that the commands about dead letters share, and what they mean.</summary>
internal sealed class DeadLettersOptions
{
    private static readonly string[] Reasons =
        [.. Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.None).Select(reason => reason.ToToken()).Append(DeadLetterMessage.UnknownReason)];

    private readonly Option<string?> _kafka = CommonOptions.Kafka("The Kafka of the letters [default: GrainSensors:Kafka:BootstrapServers]");
    private readonly Option<string?> _topic = new("--dlq-topic") { HelpName = "NAME", Description = "The topic of the dead letters [default: sensor-data-dlq]" };
    private readonly Option<bool> _json;
    private readonly Option<string[]> _reason = new("--reason") { HelpName = "TOKEN", Description = $"Only letters rejected for this; may be repeated: {string.Join(", ", Reasons)}" };
    private readonly Option<string?> _from = new("--from") { HelpName = "TIME", Description = "Only letters written at this time or later, ISO 8601, UTC unless it has an offset" };
    private readonly Option<string?> _to = new("--to") { HelpName = "TIME", Description = "Only letters written before this time" };
    private readonly Option<string?> _source = new("--source") { HelpName = "TOPIC[:PARTITION[:OFFSET]]", Description = "Only letters whose message stood there" };
    private readonly Option<int?> _limit;

    public DeadLettersOptions(string json, string limit)
    {
        _json = new("--json") { Description = json };
        _limit = new("--limit") { HelpName = "N", Description = limit, CustomParser = result => CommonOptions.Integer(result, 1, int.MaxValue) };
    }

    /// <summary>Where the letters are and how they are printed.</summary>
    public IEnumerable<Option> Common => [_kafka, _topic, _json];

    /// <summary>Which of them are meant.</summary>
    public IEnumerable<Option> Filters => [_reason, _from, _to, _source, _limit];

    /// <exception cref="UsageException">There is no Kafka named.</exception>
    public DeadLettersRun Run(ParseResult result)
    {
        var kafka = PipelineSettings.Load(CommonOptions.Overrides(
            ("Kafka:BootstrapServers", result.GetValue(_kafka)), ("Kafka:DeadLetterTopic", result.GetValue(_topic)))).Kafka;
        return kafka.BootstrapServers.Length == 0
            ? throw new UsageException("Give the Kafka of the letters with --kafka HOST:PORT or as GrainSensors:Kafka:BootstrapServers.")
            : new(kafka, result.GetValue(_json));
    }

    public bool IsJson(CommandResult result) => result.GetValue(_json);

    public int? Limit(ParseResult result) => result.GetValue(_limit);

    public bool HasFilter(CommandResult result) => new Option[] { _reason, _from, _to, _source }.Any(option => result.GetResult(option) is not null);

    private static DateTimeOffset Time(string option, string text) => EpochTime.ToDateTime(OptionValues.Time(option, text));

    /// <exception cref="UsageException">One of the options says nothing that can be understood.</exception>
    public DeadLetterFilter Filter(ParseResult result)
    {
        var from = result.GetValue(_from) is { } first ? Time("--from", first) : (DateTimeOffset?)null;
        var to = result.GetValue(_to) is { } last ? Time("--to", last) : (DateTimeOffset?)null;
        if (from >= to)
        {
            throw new UsageException($"--from {result.GetValue(_from)} is not before --to {result.GetValue(_to)}.");
        }

        var reasons = result.GetValue(_reason) ?? [];
        if (reasons.Except(Reasons).FirstOrDefault() is { } unknown)
        {
            throw new UsageException($"--reason \"{unknown}\" is not known; give one of {string.Join(", ", Reasons)}.");
        }

        var filter = new DeadLetterFilter { From = from, To = to, Reasons = reasons.Length == 0 ? null : reasons.ToHashSet() };
        return result.GetValue(_source) is { } source ? WithSource(filter, source) : filter;
    }

    /// <exception cref="UsageException">It is no id.</exception>
    public static DeadLetterId Id(string text) => DeadLetterId.TryParse(text, out var id)
        ? id
        : throw new UsageException($"\"{text}\" is no id of a letter; give PARTITION:OFFSET such as 0:17, as 'grainsensors dlq list' prints it.");

    private static DeadLetterFilter WithSource(DeadLetterFilter filter, string source)
    {
        var parts = source.Split(':');
        var (partition, offset) = (0, 0L);
        if (parts.Length > 3
            || parts[0].Length == 0
            || (parts.Length > 1 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out partition))
            || (parts.Length > 2 && !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out offset)))
        {
            throw new UsageException($"--source \"{source}\" is no place; give TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET.");
        }

        return filter with
        {
            SourceTopic = parts[0],
            SourcePartition = parts.Length > 1 ? partition : null,
            SourceOffset = parts.Length > 2 ? offset : null,
        };
    }
}
