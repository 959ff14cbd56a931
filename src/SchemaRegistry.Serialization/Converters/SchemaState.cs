namespace SchemaRegistry.Serialization;

/// <summary>What a converter knows of the schema of a message.</summary>
public enum SchemaState
{
    /// <summary>The schema is in the cache: the message can be converted.</summary>
    Known,

    /// <summary>The registry must be asked: the converter prepares the schema.</summary>
    Unknown,

    /// <summary>The registry does not have the schema, or it is invalid or of another type.</summary>
    Refused,

    /// <summary>The message does not name a schema.</summary>
    Unframed,
}
