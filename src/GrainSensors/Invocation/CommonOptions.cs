using System.CommandLine;
using System.CommandLine.Parsing;
using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Invocation;

/// <summary>Options that several commands have, and the kinds of options that report a wrong value in the same words.</summary>
internal static class CommonOptions
{
    public const string FromConfiguration = "[default: from the configuration]";

    public static Option<string?> Store(string description) =>
        new("--store") { HelpName = "sqlite:PATH|postgres:CONNECTION", Description = description };

    public static Option<string?> Postgres() => new("--postgres")
    {
        HelpName = "CONNECTION",
        Description = "Connection string of the cluster's database. Other users of this machine can see a password given here; "
            + $"set GrainSensors__Postgres__ConnectionString or PGPASSFILE instead {FromConfiguration}",
    };

    public static Option<string?> Period() => Parsed<string?>(
        "--period",
        "DURATION",
        "Window size: whole seconds, minutes, hours or days, such as 1m, 15m or P1D [default: 15m]",
        OptionValues.Period);

    public static Option<string?> Kafka(string description) =>
        new("--kafka") { HelpName = "HOST:PORT", Description = $"{description} {FromConfiguration}" };

    public static Option<string?> Topic() =>
        new("--topic") { HelpName = "NAME", Description = "Topic of the readings [default: sensor-data]" };

    public static Option<bool> Json(string description = "Print the result as one JSON object") =>
        new("--json") { Description = description };

    public static Option<SensorRef[]> Sensors()
    {
        var option = new Option<SensorRef[]>("--sensor") { HelpName = "SENSOR", Description = "Only this id or name; may be repeated" };
        option.CustomParser = result => ParseAll(result, Sensor);
        return option;
    }

    /// <summary>An option that takes one sensor.</summary>
    public static Option<SensorRef?> Sensor(string description) =>
        Parsed<SensorRef?>("--sensor", "SENSOR", description, (option, text) => Sensor(option, text));

    public static Option<int?> Integer(string name, string helpName, string description, int least = 0, int most = int.MaxValue) =>
        Parsed<int?>(name, helpName, description, (option, text) => OptionValues.Integer(option, text, least, most));

    public static Option<int?> Port(string name, string description) => Integer(name, "PORT", description, 0, ushort.MaxValue);

    public static Option<TimeSpan?> Duration(string name, string description) =>
        Parsed<TimeSpan?>(name, "DURATION", description, (option, text) => OptionValues.Duration(option, text));

    /// <summary>An option whose value is in µs since the epoch.</summary>
    public static Option<long?> Time(string name, string description) =>
        Parsed<long?>(name, "TIME", description, (option, text) => OptionValues.Time(option, text));

    /// <summary>An option that takes one of these words.</summary>
    public static Option<string?> Choice(string name, string description, params string[] words) => Parsed<string?>(
        name, string.Join('|', words), description, (option, text) => words.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? text.ToLowerInvariant()
            : throw new UsageException($"{option} must be {string.Join(", ", words[..^1])} or {words[^1]}; got \"{text}\"."));

    /// <summary>An option with a parser of its own.</summary>
    /// <param name="parse">Takes the name of the option and the text; throws a <see cref="UsageException"/> for a wrong text.</param>
    public static Option<T> Parsed<T>(string name, string helpName, string description, Func<string, string, T> parse) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result =>
        {
            // The library checks the number of values only where it converts them itself.
            if (result.Tokens.Count > 1)
            {
                result.AddError(ParseErrors.Repeated(name));
                return default!;
            }

            return Parse(result, result.Tokens[0].Value, parse);
        },
    };

    public static Argument<SensorRef[]> SensorArguments() => new("SENSOR")
    {
        Description = "Ids or names of the sensors",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => ParseAll(result, Sensor),
    };

    /// <summary>Values that the command line gives, by the names of <see cref="PipelineOptions"/>.</summary>
    public static Dictionary<string, string?> Overrides(params (string Key, string? Value)[] values) =>
        values.ToDictionary(value => value.Key, value => value.Value);

    /// <exception cref="UsageException">No Kafka is configured.</exception>
    public static KafkaOptions RequireAddress(this KafkaOptions kafka) => kafka.BootstrapServers.Length > 0
        ? kafka
        : throw new UsageException(
            $"The Kafka address is missing; give --kafka HOST:PORT or set {PipelineOptions.Section}:Kafka:BootstrapServers.");

    /// <summary>The parser of an argument that is one sensor.</summary>
    public static SensorRef ParseSensor(ArgumentResult result) => Parse(result, result.Tokens[^1].Value, Sensor);

    /// <exception cref="UsageException">The text is no sensor.</exception>
    public static SensorRef Sensor(string name, string text) => SensorRef.Parse(text) ?? throw new UsageException(
        $"{name} must be a sensor id, or a name of 1 to {SensorName.MaxLength} characters, none of them a control or format character; "
        + $"got \"{text}\".");

    private static T[] ParseAll<T>(ArgumentResult result, Func<string, string, T> parse) =>
        [.. result.Tokens.Select(token => Parse(result, token.Value, parse)).OfType<T>()];

    /// <summary>
    /// Conversion and range are one step, because validators run before the library reports a value that does not convert.
    /// </summary>
    private static T? Parse<T>(ArgumentResult result, string text, Func<string, string, T> parse)
    {
        try
        {
            return parse(result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name, text);
        }
        catch (UsageException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }
}
