using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GrainSensors.Web.Yaml;

/// <summary>Writes JSON as YAML that <see cref="YamlDocuments"/> reads back.</summary>
internal static class YamlText
{
    /// <summary>Never part of the syntax within a plain scalar on one line.</summary>
    private const string Plain = " _-./@+=~^()<>%;$";

    public static string Of(JsonElement json)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var settings = new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024);
        var emitter = new Emitter(text, settings);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, json);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString().TrimEnd('\n');
    }

    private static void Write(Emitter emitter, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var member in json.EnumerateObject())
                {
                    emitter.Emit(TextOf(member.Name));
                    Write(emitter, member.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in json.EnumerateArray())
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                emitter.Emit(TextOf(json.GetString()!));
                break;
            default:
                emitter.Emit(new Scalar(
                    AnchorName.Empty, TagName.Empty, json.GetRawText(), ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    private static Scalar TextOf(string text) => new(
        AnchorName.Empty, TagName.Empty, text, NeedsQuotes(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain, isPlainImplicit: true,
        isQuotedImplicit: true);

    private static bool NeedsQuotes(string text) => YamlScalars.IsAmbiguous(text) || !char.IsAsciiLetterOrDigit(text[0])
        || text.Any(c => !char.IsLetterOrDigit(c) && !Plain.Contains(c, StringComparison.Ordinal));
}
