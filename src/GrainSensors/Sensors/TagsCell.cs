using System.Text;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Sensors;

/// <summary>Tags in a cell: <c>floor=2;room=kitchen</c>. A backslash precedes a semicolon or a backslash of a value.</summary>
internal static class TagsCell
{
    public static string Format(SensorTags tags) => string.Join(';', tags.Select(tag => $"{tag.Key}={Escape(tag.Value)}"));

    /// <exception cref="FormatException">A tag is invalid.</exception>
    public static SensorTags Parse(string text)
    {
        var (tags, tag) = (new List<string>(), new StringBuilder());
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ';')
            {
                tags.Add(tag.ToString());
                tag.Clear();
            }
            else
            {
                i += text[i] == '\\' && i + 1 < text.Length ? 1 : 0;
                tag.Append(text[i]);
            }
        }

        tags.Add(tag.ToString());
        return SensorTags.Of(tags.Where(part => !string.IsNullOrWhiteSpace(part)).Select(SensorTags.ParseTag));
    }

    private static string Escape(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(";", @"\;", StringComparison.Ordinal);
}
