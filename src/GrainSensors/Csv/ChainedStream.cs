namespace GrainSensors.Csv;

/// <summary>Streams one after the other. A pipe cannot go back, so the bytes that were read from it stand before it.</summary>
internal sealed class ChainedStream(params IEnumerable<Stream> parts) : SourceStream
{
    private readonly Queue<Stream> _parts = new(parts);

    public override int Read(Span<byte> buffer)
    {
        while (_parts.TryPeek(out var part))
        {
            if (part.Read(buffer) is > 0 and var length)
            {
                return length;
            }

            _parts.Dequeue();
        }

        return 0;
    }
}
