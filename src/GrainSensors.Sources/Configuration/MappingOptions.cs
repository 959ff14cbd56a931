namespace GrainSensors.Sources.Configuration;

/// <summary>Where a message has its readings. Paths are JSON pointers (RFC 6901) from the root of the message.</summary>
/// <remarks>Null means not given; a preset may give it then.</remarks>
public sealed record MappingOptions
{
    /// <summary>
    /// Path of the readings: <c>*</c> stands for each element of an array (a value that is not an array is the only element), and
    /// <c>{name}</c> for each member of an object. Without it, the message is one reading.
    /// </summary>
    public string? Readings { get; init; }

    /// <summary>
    /// Text with placeholders: <c>{/path}</c>, <c>{key}</c>, <c>{topic}</c>, <c>{header:NAME}</c>, and <c>{name}</c> of Topic or Readings.
    /// </summary>
    public string? Sensor { get; init; }

    /// <summary>
    /// Pattern of the topic of MQTT or Kafka, such as <c>sensors/{sensor}/telemetry</c>. <c>{name}</c> matches one level,
    /// <c>{name*}</c> one or more.
    /// </summary>
    public string? Topic { get; init; }

    /// <summary>Patterns of topics that Topic does not take, with <c>*</c> for any characters.</summary>
    public IReadOnlyList<string>? ExcludeTopics { get; init; }

    /// <summary>Path of the time, a number or a text in ISO 8601. Without a time, the timestamp of the Kafka message counts.</summary>
    public string? Time { get; init; }

    /// <summary>Unit of a time that is a number; <c>auto</c>: seconds, above 10^11 milliseconds.</summary>
    public TimeUnit? TimeUnit { get; init; }

    /// <summary>
    /// Whether a time in ISO 8601 without an offset is left out, so that the timestamp of the Kafka message counts; else it is in UTC.
    /// </summary>
    public bool? RequireOffset { get; init; }

    /// <summary>Paths of values by the names of their measurements.</summary>
    public IReadOnlyDictionary<string, string>? Values { get; init; }

    /// <summary>Path below which every number and boolean is a value; the parts of a nested name are joined by <c>_</c>.</summary>
    public string? Numbers { get; init; }

    /// <summary>Text before the names of Numbers, with the placeholders of Sensor.</summary>
    public string? Prefix { get; init; }

    /// <summary>Patterns of the names of Numbers that are taken, without the prefix; without any, all.</summary>
    public IReadOnlyList<string>? Include { get; init; }

    /// <summary>Patterns of the names of Numbers that are left out.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <returns>These options, and those of the preset where these are not given.</returns>
    public MappingOptions Over(MappingOptions preset) => new()
    {
        Readings = Readings ?? preset.Readings,
        Sensor = Sensor ?? preset.Sensor,
        Topic = Topic ?? preset.Topic,
        ExcludeTopics = ExcludeTopics ?? preset.ExcludeTopics,
        Time = Time ?? preset.Time,
        TimeUnit = TimeUnit ?? preset.TimeUnit,
        RequireOffset = RequireOffset ?? preset.RequireOffset,
        Values = Values ?? preset.Values,
        Numbers = Numbers ?? preset.Numbers,
        Prefix = Prefix ?? preset.Prefix,
        Include = Include ?? preset.Include,
        Exclude = Exclude ?? preset.Exclude,
    };
}
