using System.Collections.ObjectModel;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Sensors;

/// <summary>The tags of a sensor, such as <c>room=kitchen</c>, in the order of their keys (ordinal).</summary>
public sealed class SensorTags : ReadOnlyDictionary<string, string>, IEquatable<SensorTags>
{
    public const int MaxCount = 32;

    /// <summary>In characters.</summary>
    public const int MaxKey = 64;

    /// <inheritdoc cref="MaxKey"/>
    public const int MaxValue = 256;

    /// <summary>The most characters that a character in normal form C stands for. The form takes a time of their square.</summary>
    private const int MaxDecomposed = 4;

    private const string Punctuation = "_-./:";

    private static readonly string Sizes = $"must have a key of 1 to {MaxKey} and a value of 1 to {MaxValue} characters";

    private SensorTags(SortedDictionary<string, string> tags)
        : base(tags)
    {
    }

    public static SensorTags None { get; } = new(new(StringComparer.Ordinal));

    /// <param name="tags">
    /// Keys are letters, digits and <c>_ - . / :</c>. Blanks around a value are removed, and texts are brought into normal form C.
    /// </param>
    /// <exception cref="FormatException">A tag is invalid, or there are too many; the message names the tag.</exception>
    public static SensorTags Of(IEnumerable<KeyValuePair<string, string>> tags)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in tags)
        {
            var (key, value) = (name, text.Trim());
            if (key.Length > MaxKey * MaxDecomposed || value.Length > MaxValue * MaxDecomposed)
            {
                throw Invalid(key, value, Sizes);
            }

            (key, value) = (NormalForm.Of(key), NormalForm.Of(value));
            if (key.Length == 0 || !key.All(c => char.IsLetterOrDigit(c) || Punctuation.Contains(c, StringComparison.Ordinal)))
            {
                throw Invalid(key, value, "must have a key of letters, digits, and the characters _ - . / :");
            }

            if (key.Length > MaxKey || value.Length is 0 or > MaxValue)
            {
                throw Invalid(key, value, Sizes);
            }

            if (PrintableText.HasInvisible(value))
            {
                throw Invalid(key, value, "must have no control or format characters");
            }

            if (!sorted.TryAdd(key, value))
            {
                throw new FormatException($"The tag \"{PrintableText.Escape(key)}\" is given twice; keep one.");
            }
        }

        return sorted.Count <= MaxCount ? new(sorted) : throw new FormatException(
            $"A sensor has at most {MaxCount} tags; got {sorted.Count}, the last one \"{sorted.Last().Key}\".");
    }

    /// <param name="tags">Tags that were stored, with distinct keys. Other programs may have written them: they are not checked.</param>
    public static SensorTags OfStored(IEnumerable<KeyValuePair<string, string>> tags) =>
        new(new(tags.ToDictionary(), StringComparer.Ordinal));

    /// <summary>Reads <c>room=kitchen</c>.</summary>
    /// <exception cref="FormatException">The text has no <c>=</c>.</exception>
    public static KeyValuePair<string, string> ParseTag(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
        ? new(text[..at].Trim(), text[(at + 1)..])
        : throw new FormatException($"A tag must be KEY=VALUE, such as room=kitchen; got \"{PrintableText.Escape(text, MaxKey)}\".");

    /// <returns>Whether all of these tags are among the tags.</returns>
    public bool Include(SensorTags some) => some.All(tag => TryGetValue(tag.Key, out var value) && value == tag.Value);

    public bool Equals(SensorTags? other) => other is not null && this.SequenceEqual(other);

    public override bool Equals(object? obj) => Equals(obj as SensorTags);

    public override int GetHashCode() => Count == 0 ? 0 : HashCode.Combine(Count, this.First());

    /// <returns><c>floor=2, room=kitchen</c>.</returns>
    public override string ToString() => string.Join(", ", this.Select(tag => $"{tag.Key}={tag.Value}"));

    private static FormatException Invalid(string key, string value, string rule) =>
        new($"The tag \"{PrintableText.Escape($"{key}={value}", MaxKey)}\" {rule}.");
}
