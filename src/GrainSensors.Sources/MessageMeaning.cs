using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Core.Readings;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Presets;
using GrainSensors.Sources.Schemas;

namespace GrainSensors.Sources;

/// <summary>What decides the meaning of the messages of a topic, beside the messages themselves.</summary>
/// <param name="Measurements">The declared measurements. Their units and which one is primary have no effect on windows.</param>
/// <param name="Earliest">The first accepted time, µs since the epoch.</param>
/// <param name="Source">Format and mapping, with those of the preset; null: the messages are of the contract.</param>
/// <param name="Descriptors">The hash of the file with descriptors; null: the format has none.</param>
public sealed record MessageMeaning(
    IReadOnlyList<Measurement> Measurements, DiscoveryRules Discovery, long Earliest, SourceOptions? Source, string? Descriptors)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <param name="source">The source that has the topic; null: the topic of readings.</param>
    public static MessageMeaning Of(
        IReadOnlyList<Measurement> measurements, DiscoveryRules discovery, long earliest, SourceOptions? source, SourceSchemas schemas) =>
        new(
            measurements, discovery, earliest, source is null ? null : Effective(source),
            source is null ? null : schemas.DescriptorHashOf(source));

    /// <summary>Writes what decides the meaning: two meanings are the same if their texts are.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new Stored(
            [.. Measurements.Select(StoredMeasurement.Of)],
            Earliest,
            Discovery.IsEnabled ? new([.. Discovery.Include], [.. Discovery.Exclude], Discovery.MaxPerReading) : null,
            Source is null ? null : StoredSource.Of(Source, Descriptors)),
        Options);

    /// <param name="present">The source as it is configured now, which says where schemas are found.</param>
    /// <returns>Null: the text is of a later release, or the file with descriptors is another one now.</returns>
    /// <param name="schemas">The schemas of the process.</param>
    /// <exception cref="SourceOptionsException">The file with descriptors cannot be read any more.</exception>
    public static MessageMeaning? Parse(string json, SourceOptions? present, SourceSchemas schemas)
    {
        try
        {
            if (JsonSerializer.Deserialize<Stored>(json, Options) is not { } stored || (stored.Source is null) != (present is null))
            {
                return null;
            }

            var source = stored.Source?.ToOptions(present!);
            var meaning = new MessageMeaning(
                [.. stored.Measurements.Select(measurement => measurement.ToMeasurement())],
                stored.Discovery?.ToRules() ?? DiscoveryRules.None, stored.Earliest, source, stored.Source?.Descriptors);
            return meaning.ToJson() == json && (meaning.Descriptors is null || meaning.Descriptors == schemas.DescriptorHashOf(source!))
                ? meaning : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SourceOptions Effective(SourceOptions source) => source with
    {
        Format = SourceReader.FormatOf(source),
        Preset = SourcePreset.None,
        Mapping = source.Mapping.Over(KnownPayload.Of(source.Preset).Mapping),
    };

    private sealed record Stored(
        IReadOnlyList<StoredMeasurement> Measurements, long Earliest, StoredDiscovery? Discovery = null, StoredSource? Source = null);

    private sealed record StoredMeasurement(
        string Name, double Min, double Max, double[]? Missing = null, double? Factor = null, double? Offset = null)
    {
        public static StoredMeasurement Of(Measurement measurement) => new(
            measurement.Name, measurement.Min, measurement.Max, measurement.Missing.IsEmpty ? null : [.. measurement.Missing],
            measurement.Conversion?.Factor, measurement.Conversion?.Offset);

        public Measurement ToMeasurement() => new(Name, Min, Max)
        {
            Missing = [.. Missing ?? []],
            Conversion = Factor is { } factor ? new(factor, Offset ?? 0) : null,
        };
    }

    private sealed record StoredDiscovery(string[] Include, string[] Exclude, int MaxPerReading)
    {
        public DiscoveryRules ToRules() => new() { Include = [.. Include], Exclude = [.. Exclude], MaxPerReading = MaxPerReading };
    }

    private sealed record StoredSource(
        SourceFormat Format, StoredMapping Mapping, string[]? Columns = null, string? Delimiter = null, string? MessageType = null,
        string? Descriptors = null)
    {
        public static StoredSource Of(SourceOptions source, string? descriptors) => new(
            SourceReader.FormatOf(source), StoredMapping.Of(source.Mapping), source.Columns.Count == 0 ? null : [.. source.Columns],
            SourceReader.FormatOf(source) == SourceFormat.Csv ? source.Delimiter : null, source.MessageType, descriptors);

        public SourceOptions ToOptions(SourceOptions present) => present with
        {
            Format = Format,
            Preset = SourcePreset.None,
            Mapping = Mapping.ToOptions(),
            Columns = Columns ?? [],
            Delimiter = Delimiter ?? present.Delimiter,
            MessageType = MessageType,
            SchemaRegistry = Format is SourceFormat.Avro or SourceFormat.Protobuf ? present.SchemaRegistry : new(),
            DescriptorFile = Descriptors is null ? null : present.DescriptorFile,
        };
    }

    private sealed record StoredMapping(
        string? Readings = null, string? Sensor = null, string? Topic = null, string[]? ExcludeTopics = null, string? Time = null,
        TimeUnit? TimeUnit = null, bool? RequireOffset = null, SortedDictionary<string, string>? Values = null, string? Numbers = null,
        string? Prefix = null, string[]? Include = null, string[]? Exclude = null)
    {
        public static StoredMapping Of(MappingOptions mapping) => new(
            mapping.Readings, mapping.Sensor, mapping.Topic, mapping.ExcludeTopics?.ToArray(), mapping.Time, mapping.TimeUnit,
            mapping.RequireOffset,
            mapping.Values is { } values ? new(values.ToDictionary(), StringComparer.Ordinal) : null,
            mapping.Numbers, mapping.Prefix, mapping.Include?.ToArray(), mapping.Exclude?.ToArray());

        public MappingOptions ToOptions() => new()
        {
            Readings = Readings,
            Sensor = Sensor,
            Topic = Topic,
            ExcludeTopics = ExcludeTopics,
            Time = Time,
            TimeUnit = TimeUnit,
            RequireOffset = RequireOffset,
            Values = Values,
            Numbers = Numbers,
            Prefix = Prefix,
            Include = Include,
            Exclude = Exclude,
        };
    }
}
