using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text.Json.Serialization;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>Reads the text of an option, and reports a wrong one.</summary>
internal static class OptionText
{
    /// <param name="text">The empty text unsets an optional value that is not a text.</param>
    /// <param name="failure">A sentence that names the key, the expected form and the text; null: the text is right.</param>
    public static object? Read(PropertyInfo property, string path, string text, out string? failure)
    {
        failure = null;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (text.Length == 0 && (type != property.PropertyType || type == typeof(Uri)))
        {
            return null;
        }

        if (type == typeof(Period))
        {
            failure = Period.TryParse(text, out var period, out var error) ? null : $"{path}: {error}";
            return period;
        }

        var value = Parse(type, text);
        var isRight = value is not null && property.GetCustomAttribute<ValueAttribute>()?.Allows(value) != false;
        failure = isRight ? null : Wrong(property, path, text);
        return value;
    }

    /// <summary>Reads an element of a list.</summary>
    /// <inheritdoc cref="Read"/>
    public static object? ReadElement(Type type, string path, string text, out string? failure)
    {
        var value = Parse(type, text);
        failure = value is null ? $"{path} must be {Expected(type)}; got \"{text}\"." : null;
        return value;
    }

    /// <returns>A sentence that names the key, the expected form and the text, unless that may be a secret.</returns>
    public static string Wrong(PropertyInfo property, string path, string text) =>
        property.GetCustomAttribute<RedactAttribute>() is null
            ? $"{path} must be {Expected(property)}; got \"{text}\"."
            : $"{path} must be {Expected(property)}; the given value may be a secret and is not shown.";

    /// <returns>The text of a value, which <see cref="Read"/> reads.</returns>
    public static string Format(object value) => value switch
    {
        TimeSpan duration => ConfiguredDuration.Format(duration),
        DateTimeOffset time => EpochTime.ToIso8601(EpochTime.From(time)),
        bool flag => flag ? "true" : "false",
        Enum name => NamesOf(value.GetType()).Single(pair => pair.Value.Equals(name)).Key,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <returns>The values of an enumeration by their names in configuration, which are lower case.</returns>
    public static IReadOnlyDictionary<string, object> NamesOf(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(
            field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name.ToLowerInvariant(),
            field => field.GetValue(null)!,
            StringComparer.OrdinalIgnoreCase);

    private static string Expected(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return property.GetCustomAttribute<ValueAttribute>()?.Expected ?? Expected(type);
    }

    private static string Expected(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => string.Join(" or ", NamesOf(type).Keys),
        _ when type == typeof(TimeSpan) => "a duration such as 10s or PT10S",
        _ when type == typeof(DateTimeOffset) => $"a time such as {EpochTime.Forms}",
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 or TypeCode.Int64 => "an integer",
        TypeCode.Double => "a number",
        _ => "a text",
    };

    /// <returns>Null: the text is wrong.</returns>
    private static object? Parse(Type type, string text) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => NamesOf(type).GetValueOrDefault(text),
        TypeCode.String => text,
        TypeCode.Boolean => bool.TryParse(text, out var flag) ? flag : null,
        TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        TypeCode.Double => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) ? number : null,
        _ when type == typeof(TimeSpan) => ConfiguredDuration.TryParse(text, out var duration) ? duration : null,
        _ when type == typeof(DateTimeOffset) => EpochTime.TryParse(text, out var micros)
            ? new DateTimeOffset(EpochTime.ToDateTime(micros))
            : null,
        _ when type == typeof(IPAddress) => IPAddress.TryParse(text, out var address) ? address : null,
        _ when type == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : null,
        _ => throw new NotSupportedException($"Options of type {type} cannot be read."),
    };
}
