using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Patterns;

namespace GrainSensors.Sources.Mapping;

/// <summary>Checks a mapping and prepares it.</summary>
internal sealed class MappingCompiler
{
    private const string PathRule = "must be a JSON pointer such as /object/temperature";
    private readonly MappingOptions _options;
    private readonly bool _hasTypes;
    private readonly PathTree _message = new();
    private readonly PathTree _reading;
    private readonly JsonPointer? _readings;
    private readonly TopicPattern? _topic;

    private MappingCompiler(MappingOptions options, bool hasTypes)
    {
        (_options, _hasTypes) = (options, hasTypes);
        _readings = ReadingsOf(options.Readings);
        _reading = _readings is null ? _message : new();
        _topic = TopicOf(options.Topic);
        if (_readings is not null)
        {
            _message.NodeOf(_readings).IsReading = true;
        }
    }

    /// <param name="hasTypes">Whether the format tells numbers, booleans and text apart.</param>
    /// <exception cref="SourceOptionsException">An option is wrong.</exception>
    public static MappingPlan Compile(MappingOptions options, bool hasTypes = true)
    {
        if (options.Values is not { Count: > 0 } && options.Numbers is null)
        {
            throw Wrong(nameof(options.Values), "is missing; give Mapping:Values, such as temperature = /object/temp, or Mapping:Numbers");
        }

        var compiler = new MappingCompiler(options, hasTypes);
        return new()
        {
            Message = compiler._message,
            Reading = compiler._reading,
            Readings = compiler._readings,
            Sensor = compiler.TemplateOf(
                nameof(options.Sensor),
                options.Sensor ?? throw Wrong(nameof(options.Sensor), "is missing; give a text such as {/deviceInfo/devEui} or {key}")),
            Time = new(
                options.Time is { } time ? compiler.PlaceOf(nameof(options.Time), time) : null,
                options.TimeUnit ?? TimeUnit.Auto,
                options.RequireOffset ?? false),
            Values = [.. (options.Values ?? new Dictionary<string, string>()).Select(compiler.ValueOf)],
            Numbers = compiler.NumbersOf(options.Numbers),
            NumbersPath = options.Numbers,
            Prefix = options.Prefix is { Length: > 0 } prefix ? compiler.TemplateOf(nameof(options.Prefix), prefix) : null,
            Topic = compiler._topic,
            ExcludeTopics = GlobsOf(options.ExcludeTopics),
        };
    }

    private static JsonPointer? ReadingsOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var path = JsonPointer.Parse(text) ?? throw Wrong("Readings", $"must be a JSON pointer such as /data/*; got \"{text}\"");
        return path.Tokens.Count(JsonPointer.IsCapture) <= 1
            ? path
            : throw Wrong("Readings", $"must have one name in braces at most; got \"{text}\"");
    }

    private static TopicPattern? TopicOf(string? text) => string.IsNullOrEmpty(text) ? null
        : TopicPattern.Parse(text, out var error) ?? throw Wrong("Topic", $"{error}; got \"{text}\"");

    private NumberList? NumbersOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var path = PointerOf("Numbers", text);
        var isInReading = IsInReading(path);
        if (_readings is not null && !isInReading)
        {
            throw Wrong("Numbers", $"must begin with Mapping:Readings, {_readings}; got \"{text}\"");
        }

        _reading.NodeOf(path, Skipped(isInReading)).HasNumbers = true;
        return new(GlobsOf(_options.Include), GlobsOf(_options.Exclude), _hasTypes);
    }

    private ValueField ValueOf(KeyValuePair<string, string> value)
    {
        var name = Encoding.UTF8.GetBytes(value.Key);
        return ValueName.IsValid(name)
            ? new(name, PlaceOf($"Values:{value.Key}", value.Value), _hasTypes)
            : throw Wrong(
                $"Values:{value.Key}",
                $"must have a name of 1 to {SensorName.MaxLength} characters in Unicode's normal form C, without control and format "
                + "characters; rename it");
    }

    private ValueTemplate TemplateOf(string key, string text)
    {
        var template = TextTemplate.Parse(text);
        return template is { Parts.Count: > 0 }
            ? new([.. template.Parts.Select(part => part.IsPlaceholder ? PartOf(key, part.Text) : ValueTemplate.Part.Of(part.Text))])
            : throw Wrong(
                key, $"must be a text with placeholders in pairs of braces, such as {{/deviceInfo/devEui}} or {{key}}; got \"{text}\"");
    }

    private ValueTemplate.Part PartOf(string key, string placeholder)
    {
        const string HeaderPrefix = "header:";
        if (placeholder[0] == '/')
        {
            return new(ValueTemplate.Kind.Place, Place: PlaceOf(key, placeholder));
        }

        if (placeholder.StartsWith(HeaderPrefix, StringComparison.Ordinal) && placeholder.Length > HeaderPrefix.Length)
        {
            return new(ValueTemplate.Kind.Header, placeholder[HeaderPrefix.Length..]);
        }

        if (_readings?.Tokens.Contains($"{{{placeholder}}}") == true)
        {
            return new(ValueTemplate.Kind.Member, placeholder);
        }

        if (_topic?.Names is { } names && names.ToList().IndexOf(placeholder) is >= 0 and var index)
        {
            return new(ValueTemplate.Kind.TopicPart, placeholder, Index: index);
        }

        return placeholder switch
        {
            "key" => new(ValueTemplate.Kind.Key),
            "topic" => new(ValueTemplate.Kind.Topic),
            _ => throw Wrong(
                key,
                $"must have placeholders {{/path}}, {{key}}, {{topic}}, {{header:NAME}}, or a name of Mapping:Topic or Mapping:Readings; "
                + $"got \"{{{placeholder}}}\""),
        };
    }

    private Place PlaceOf(string key, string text)
    {
        var path = PointerOf(key, text);
        var isInReading = IsInReading(path);
        return new(isInReading, (isInReading ? _reading : _message).Add(path, Skipped(isInReading)), text);
    }

    /// <returns>A path without wildcards, but those at its begin that are of the readings.</returns>
    private JsonPointer PointerOf(string key, string text)
    {
        var path = JsonPointer.Parse(text) ?? throw Wrong(key, $"{PathRule}; got \"{text}\"");
        return path.Tokens.Skip(Skipped(IsInReading(path))).Any(token => token == JsonPointer.Each || JsonPointer.IsCapture(token))
            ? throw Wrong(key, $"must have * and names in braces only where it begins with Mapping:Readings; got \"{text}\"")
            : path;
    }

    private bool IsInReading(JsonPointer path) => _readings is null || path.StartsWith(_readings);

    private int Skipped(bool isInReading) => isInReading ? _readings?.Tokens.Count ?? 0 : 0;

    private static Glob[] GlobsOf(IReadOnlyList<string>? patterns) => [.. (patterns ?? []).Select(pattern => new Glob(pattern))];

    private static SourceOptionsException Wrong(string key, string rule) => new($"Mapping:{key}", rule);
}
