namespace GrainSensors.Ingest.Consuming;

/// <summary>The wait of a partition at a message whose schema is being fetched.</summary>
/// <param name="offset">The offset of the message, to which fetching returns.</param>
/// <param name="generation">The generation of its fetch.</param>
internal sealed class SchemaWait(long offset, int generation)
{
    /// <summary>More are fetched in the next wait.</summary>
    private const int MaxIds = 64;

    private readonly HashSet<int> _ids = [];
    private volatile bool _isOver;

    public long Offset => offset;

    public int Generation => generation;

    /// <summary>The ids of the schemas. They do not change after the start.</summary>
    public IReadOnlyCollection<int> Ids => _ids;

    /// <summary>Whether the schemas are being fetched. For the consume thread only.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Whether the registry has answered.</summary>
    public bool IsOver
    {
        get => _isOver;
        set => _isOver = value;
    }

    public void Add(int schemaId)
    {
        if (_ids.Count < MaxIds)
        {
            _ids.Add(schemaId);
        }
    }
}
