using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Tests.Delivery;

/// <summary>Keeps what it is given.</summary>
internal sealed class RecordingKind : IContactKind
{
    public const string Word = "recording";

    private readonly Lock _lock = new();

    public string Name => Word;

    public int RatePerMinute => 6000;

    public bool KeepsAlerts => false;

    public IReadOnlyList<ContactField> Fields { get; } =
    [
        ContactField.Url("url", "https://example.org") with { IsSecret = true, IsRequired = true },
        new("token", "a token") { IsSecret = true },
        new("note", "a text"),
    ];

    public List<(string Contact, Notification Notification)> Sent { get; } = [];

    public List<Guid> Attempts { get; } = [];

    public DeliveryException? Failure { get; set; }

    public Func<Notification, DeliveryException?> Fails { get; set; } = _ => null;

    /// <summary>The receiver has the message, and the answer does not come until this is cancelled.</summary>
    public CancellationTokenSource? Hang { get; set; }

    public async Task SendAsync(ContactValues values, Notification notification, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Attempts.Add(notification.Key);
        }

        if (Hang is { } hang)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(hang.Token, cancellationToken);
            var ended = new TaskCompletionSource();
            await using var _ = either.Token.Register(ended.SetResult);
            await ended.Task;
            throw new DeliveryException("The process is gone.");
        }

        if ((Failure ?? Fails(notification)) is { } failure)
        {
            throw failure;
        }

        lock (_lock)
        {
            Sent.Add((values.Get("note"), notification));
        }
    }
}
