using System.Text.RegularExpressions;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>An option that is a text of a certain form.</summary>
/// <param name="pattern">A regular expression that matches the whole text; ECMAScript understands it too.</param>
/// <param name="expected">Completes the sentence "KEY must be …".</param>
internal sealed class TextAttribute(string pattern, string expected) : ValueAttribute(expected)
{
    public string Pattern { get; } = pattern;

    public override bool Allows(object value) =>
        Regex.IsMatch((string)value, Pattern, RegexOptions.CultureInvariant) && !((string)value).EndsWith('\n');
}
