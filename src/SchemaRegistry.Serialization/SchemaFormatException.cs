namespace SchemaRegistry.Serialization;

/// <summary>A message or a schema is invalid, or the registry does not have or does not accept it. A retry would fail as well.</summary>
public sealed class SchemaFormatException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public SchemaFormatException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">What is invalid, and the remedy.</param>
    public SchemaFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with an inner exception.</summary>
    /// <param name="message">What is invalid, and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public SchemaFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The id of the schema; null if it is unknown.</summary>
    public int? SchemaId { get; init; }

    /// <summary>The subject of the schema; null if it is unknown.</summary>
    public string? Subject { get; init; }

    /// <summary>The same failure for another caller: an exception that several threads throw mixes their stack traces.</summary>
    internal SchemaFormatException Copy() => new(Message, InnerException) { SchemaId = SchemaId, Subject = Subject };
}
