using System.Globalization;

namespace GrainSensors.Web.Yaml;

/// <summary>A YAML text is not what it should be.</summary>
/// <param name="reason">A sentence that begins with a lower-case letter, without secrets.</param>
/// <param name="line">From 1; null: the problem concerns the text as a whole.</param>
internal sealed class DocumentException(string reason, long? line = null, Exception? inner = null)
    : FormatException(line is null ? reason : Invariant($"line {line}: {reason}"), inner)
{
    public long? Line => line;

    /// <returns>The sentence with the file that has the text.</returns>
    public string In(string path) => line is null ? $"{path}: {reason}" : Invariant($"{path}, line {line}: {reason}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
