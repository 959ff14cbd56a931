namespace GrainSensors.Benchmarks.Feeding;

/// <summary>Batches that are ready to be sent, in a file that is gone afterwards.</summary>
internal sealed class BatchFile : IDisposable
{
    private const int BufferSize = 1 << 20;

    private BatchFile(string path) => Path = path;

    public string Path { get; }

    /// <param name="written">Is told how many readings there are after each batch.</param>
    public static BatchFile Create(IEnumerable<Batch> batches, Action<long> written, CancellationToken cancellationToken)
    {
        var file = new BatchFile(System.IO.Path.GetTempFileName());
        try
        {
            using var stream = new FileStream(file.Path, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize);
            using var writer = new BinaryWriter(stream);
            var readings = 0L;
            foreach (var batch in batches)
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Write(batch.Partition);
                writer.Write(batch.Count);
                writer.Write(batch.Bytes.Length);
                writer.Write(batch.Bytes.Span);
                written(readings += batch.Count);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static IEnumerable<Batch> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        using var reader = new BinaryReader(stream);
        while (stream.Position < stream.Length)
        {
            var (partition, count, length) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            yield return new(partition, count, reader.ReadBytes(length));
        }
    }

    public void Dispose() => File.Delete(Path);
}
