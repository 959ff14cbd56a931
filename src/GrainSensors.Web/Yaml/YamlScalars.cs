using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GrainSensors.Web.Yaml;

/// <summary>What scalars of YAML are in JSON.</summary>
internal static partial class YamlScalars
{
    private const string Standard = "tag:yaml.org,2002:";

    /// <summary>As the core schema of YAML 1.2 says: null, booleans, numbers and texts.</summary>
    /// <remarks>Infinity and NaN, which JSON lacks, are texts.</remarks>
    /// <param name="key">The key of the value; empty: it has none.</param>
    /// <exception cref="DocumentException">The tag is unknown.</exception>
    public static JsonNode? Typed(string key, Scalar scalar) => IsText(scalar) ? scalar.Value : scalar.Value switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        var text => NumberOf(text) ?? text,
    };

    /// <summary>All values are texts, but for nulls and some flags.</summary>
    /// <param name="flags">The keys whose values are booleans.</param>
    public static Func<string, Scalar, JsonNode?> Texts(params string[] flags) => (key, scalar) =>
        IsText(scalar) ? scalar.Value
        : scalar.Value is "" or "~" or "null" ? null
        : flags.Contains(key) && bool.TryParse(scalar.Value, out var flag) ? flag
        : scalar.Value;

    /// <returns>Whether a plain scalar of this text would be something else than this text.</returns>
    public static bool IsAmbiguous(string text) => Typed("", PlainOf(text)) is var node
        && (node is null || node.GetValueKind() != JsonValueKind.String || text.Trim() != text || text is "=" or "<<" or "y" or "n"
            || Legacy().IsMatch(text));

    private static Scalar PlainOf(string text) =>
        new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false);

    private static bool IsText(Scalar scalar) => scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific
        ? scalar.Style != ScalarStyle.Plain || scalar.Tag is { IsEmpty: false }
        : scalar.Tag.Value switch
        {
            $"{Standard}str" => true,
            $"{Standard}null" or $"{Standard}bool" or $"{Standard}int" or $"{Standard}float" => false,
            _ => throw new DocumentException("a value has a tag; remove it.", scalar.Start.Line),
        };

    private static JsonNode? NumberOf(string text)
    {
        if (JsonNumber().IsMatch(text))
        {
            return JsonNode.Parse(text);
        }

        if (Decimal().IsMatch(text))
        {
            return JsonNode.Parse(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
                .ToString(CultureInfo.InvariantCulture));
        }

        if (text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(
            text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
        {
            return hex;
        }

        if (Octal().IsMatch(text))
        {
            return text[2..].Aggregate(0UL, (value, digit) => (value * 8) + (ulong)(digit - '0'));
        }

        return Float().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
                ? number
                : null;
    }

    /// <summary>Numbers of many digits take too long to parse, and are texts.</summary>
    [GeneratedRegex(@"^-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,100})?([eE][-+]?[0-9]{1,3})?\z")]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^[-+]?[0-9]{1,100}\z")]
    private static partial Regex Decimal();

    [GeneratedRegex(@"^0o[0-7]{1,21}\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]{1,100}|[0-9]{1,100}(\.[0-9]{0,100})?)([eE][-+]?[0-9]{1,3})?\z")]
    private static partial Regex Float();

    /// <summary>What readers of YAML 1.1 take for booleans, numbers and times.</summary>
    [GeneratedRegex(@"^([-+]?[.0-9].*|yes|no|on|off|Yes|No|On|Off|YES|NO|ON|OFF|Y|N|\.(inf|nan).*)\z", RegexOptions.Singleline)]
    private static partial Regex Legacy();
}
