using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Formats;

/// <summary>One JSON text, or one on each line. A byte order mark may precede it.</summary>
internal sealed class JsonFormat(bool hasLines) : IPayloadFormat
{
    public bool IsConverted => false;

    public bool HasMany => hasLines;

    public void Read(scoped in SourceMessage message, DocumentList documents)
    {
        var start = message.Value.StartsWith("\uFEFF"u8) ? "\uFEFF"u8.Length : 0;
        if (!hasLines)
        {
            documents.Add(start, message.Value.Length - start);
            return;
        }

        for (var lines = Lines.Of(message.Value); !documents.IsRejected && lines.MoveNext();)
        {
            // White space before the text is JSON, too, and errors count it.
            documents.Add(lines.Start, lines.Current.End.Value - lines.Start, lines.Number);
        }
    }
}
