using System.CommandLine;
using System.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Csv;

/// <summary>The options of the commands that read CSV.</summary>
internal sealed class CsvOptions
{
    public Option<Dictionary<string, string>?> Columns { get; } = CommonOptions.Parsed<Dictionary<string, string>?>(
        "--columns",
        "COLUMN=NAME,…",
        "Names of columns in the header, such as sensor_id=Device,timestamp=Zeit,temperature=\"Temp (°C)\"",
        ColumnNames);

    public Option<Encoding?> Encoding { get; } = CommonOptions.Parsed<Encoding?>(
        "--encoding",
        "NAME",
        "Encoding, such as windows-1252 [default: UTF-8, or UTF-16 if the bytes say so; other bytes are Windows-1252]",
        NamedEncoding);

    public CsvFormat Of(ParseResult result) => new(result.GetValue(Encoding), result.GetValue(Columns) ?? []);

    private static Encoding NamedEncoding(string option, string text)
    {
        try
        {
            // Without the provider .NET knows the Unicode encodings, ASCII and Latin 1 only.
            System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            return System.Text.Encoding.GetEncoding(text, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{option} must be an encoding such as utf-8 or windows-1252; got \"{text}\".");
        }
    }

    /// <summary>A name with a comma is in quotes.</summary>
    private static Dictionary<string, string> ColumnNames(string option, string text)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rest = text;
        while (rest.Length > 0)
        {
            var equals = rest.IndexOf('=', StringComparison.Ordinal);
            var (name, length) = equals > 0 ? Name(rest[(equals + 1)..]) : ("", 0);
            if (name.Length == 0 || !names.TryAdd(rest[..equals].Trim(), name))
            {
                throw new UsageException(
                    $"{option} must be COLUMN=NAME, each column once and separated by commas, such as sensor_id=Device,timestamp=Zeit; "
                    + $"got \"{text}\".");
            }

            rest = rest[Math.Min(rest.Length, equals + 1 + length + 1)..];
        }

        return names;
    }

    /// <returns>The name at the start of the text, and how much of the text it takes; an empty name if it is invalid.</returns>
    private static (string Name, int Length) Name(string text)
    {
        if (!text.StartsWith('"'))
        {
            var comma = text.IndexOf(',', StringComparison.Ordinal);
            var length = comma < 0 ? text.Length : comma;
            return (text[..length].Trim(), length);
        }

        var end = 1;
        while ((end = text.IndexOf('"', end)) >= 0 && end + 1 < text.Length && text[end + 1] == '"')
        {
            end += 2;
        }

        return end < 0 || (end + 1 < text.Length && text[end + 1] != ',')
            ? ("", 0)
            : (text[1..end].Replace("\"\"", "\"", StringComparison.Ordinal).Trim(), end + 1);
    }
}
