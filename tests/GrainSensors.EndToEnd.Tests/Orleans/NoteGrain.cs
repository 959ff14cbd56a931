using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.EndToEnd.Tests.Orleans;

public sealed class NoteGrain(
    [PersistentState("integration-note", AdoNetSilo.Keeping)] IPersistentState<NoteState> state, IOptions<SiloOptions> silo)
    : Grain, INoteGrain, IRemindable
{
    private const string Reminder = "wake up";

    public Task<string> ReadAsync() => Task.FromResult(state.State.Text);

    public Task WriteAsync(string text)
    {
        state.State = new(text);
        return state.WriteStateAsync();
    }

    public Task RemindAsync(TimeSpan period) => this.RegisterOrUpdateReminder(Reminder, period, period);

    public async Task<bool> ForgetAsync()
    {
        var reminder = await this.GetReminder(Reminder);
        if (reminder is null)
        {
            return false;
        }

        await this.UnregisterReminder(reminder);
        return true;
    }

    public Task<string> WhereAsync() => Task.FromResult(silo.Value.SiloName);

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
