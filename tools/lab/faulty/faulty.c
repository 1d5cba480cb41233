// SPDX-License-Identifier: GPL-2.0
/*
 * A module that does wrong, in one way of its user's choice: each of the
 * sanitizer kernel's tools has to tell (tools/lab/kernel-check).
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *kind = "nothing";
module_param(kind, charp, 0);

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

/* keeps the compiler from seeing what is wrong */
static int hidden(int value)
{
	OPTIMIZER_HIDE_VAR(value);
	return value;
}

static void freed(void)
{
	char *object = kmalloc(64, GFP_KERNEL);

	if (!object)
		return;
	kfree(object);
	WRITE_ONCE(object[hidden(8)], 1);
}

static void beyond(void)
{
	char *object = kmalloc(64, GFP_KERNEL);

	if (!object)
		return;
	WRITE_ONCE(object[hidden(64)], 1);
	kfree(object);
}

static void beyond_vmalloc(void)
{
	char *object = vmalloc(100);

	if (!object)
		return;
	WRITE_ONCE(object[hidden(100)], 1);
	vfree(object);
}

static void beyond_stack(void)
{
	char object[16];

	memset(object, 0, sizeof(object));
	WRITE_ONCE(object[hidden(16)], 1);
}

static char global[16];

static void beyond_global(void)
{
	WRITE_ONCE(global[hidden(16)], 1);
}

static char *shared;
static bool shared_freed;

static void free_shared(struct work_struct *work)
{
	kfree(shared);
	/* pairs with the load in freed_elsewhere(): freed, then said to be */
	smp_store_release(&shared_freed, true);
}

/* only ever seen where two processors run at once: this one does not let go */
static void freed_elsewhere(void)
{
	static DECLARE_WORK(work, free_shared);
	u64 end = ktime_get_ns() + 20 * NSEC_PER_SEC;
	unsigned int other;

	shared = kmalloc(64, GFP_KERNEL);
	if (!shared)
		return;
	preempt_disable();
	other = cpumask_any_but(cpu_online_mask, smp_processor_id());
	if (other < nr_cpu_ids)
		schedule_work_on(other, &work);
	else
		schedule_work(&work);
	/* pairs with the store in free_shared() */
	while (!smp_load_acquire(&shared_freed) && ktime_get_ns() < end)
		cpu_relax();
	WRITE_ONCE(shared[hidden(8)], 1);
	preempt_enable();
	flush_work(&work);
}

static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void sleep_atomic(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
}

static void leak(void)
{
	void *object = kmalloc(64, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(object);
}

/* lost by a timer that had locked it: lockdep remembers a lock, the longer the deeper */
static void lose_locked(struct timer_list *timer)
{
	static DEFINE_SPINLOCK(outer);
	static DEFINE_SPINLOCK(middle);
	spinlock_t *object = kmalloc_obj(*object, GFP_ATOMIC);

	if (!object)
		return;
	spin_lock_init(object);
	spin_lock(&outer);
	spin_lock(&middle);
	spin_lock(&spin);
	spin_lock(object);
	spin_unlock(object);
	spin_unlock(&spin);
	spin_unlock(&middle);
	spin_unlock(&outer);
}

static void leak_locked(void)
{
	static DEFINE_TIMER(timer, lose_locked);

	mod_timer(&timer, jiffies + 1);
	msleep(20);
}

static void shift(void)
{
	pr_info("%d\n", 1 << hidden(40));
}

static void index_beyond(void)
{
	int numbers[4] = { 1, 2, 3, 4 };

	pr_info("%d\n", numbers[hidden(5)]);
}

static void no_bool(void)
{
	bool *truth = kmalloc(sizeof(*truth), GFP_KERNEL);

	if (!truth)
		return;
	*(u8 *)truth = hidden(7);
	pr_info("%d\n", READ_ONCE(*truth));
	kfree(truth);
}

static void list_broken(void)
{
	static LIST_HEAD(list);
	static struct list_head entry;

	list_add(&entry, &list);
	list_del(&entry);
	list_del(&entry);
}

/* DEBUG_NET: a header is asked for that nobody has said the place of */
static void no_header(void)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);

	if (!skb)
		return;
	pr_info("%zu\n", (size_t)(skb_transport_header(skb) - skb->head));
	kfree_skb(skb);
}

static void nothing_done(struct timer_list *timer)
{
}

static void freed_timer(void)
{
	struct timer_list *timer = kmalloc_obj(*timer);

	if (!timer)
		return;
	timer_setup(timer, nothing_done, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);
}

static void nothing_worked(struct work_struct *work)
{
}

static void freed_work(void)
{
	struct work_struct *work = kmalloc_obj(*work);

	if (!work)
		return;
	INIT_WORK(work, nothing_worked);
	/* the worker of this processor waits */
	preempt_disable();
	schedule_work_on(smp_processor_id(), work);
	kfree(work);
	preempt_enable();
}

static void nothing_called(struct rcu_head *head)
{
}

static void freed_rcu_head(void)
{
	struct rcu_head *head = kmalloc_obj(*head);

	if (!head)
		return;
	call_rcu(head, nothing_called);
	kfree(head);
}

static void no_rcu(void)
{
	static void __rcu *pointer;

	if (rcu_dereference(pointer))
		pr_info("not reached\n");
}

static const struct {
	const char *name;
	void (*wrong)(void);
} kinds[] = {
	{ "freed", freed },
	{ "freed_elsewhere", freed_elsewhere },
	{ "beyond", beyond },
	{ "beyond_vmalloc", beyond_vmalloc },
	{ "beyond_stack", beyond_stack },
	{ "beyond_global", beyond_global },
	{ "lock_order", lock_order },
	{ "sleep_atomic", sleep_atomic },
	{ "leak", leak },
	{ "leak_locked", leak_locked },
	{ "shift", shift },
	{ "index_beyond", index_beyond },
	{ "no_bool", no_bool },
	{ "list_broken", list_broken },
	{ "no_header", no_header },
	{ "freed_timer", freed_timer },
	{ "freed_work", freed_work },
	{ "freed_rcu_head", freed_rcu_head },
	{ "no_rcu", no_rcu },
};

static int __init faulty_init(void)
{
	size_t i;

	if (!strcmp(kind, "nothing"))
		return 0;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kind, kinds[i].name))
			continue;
		kinds[i].wrong();
		return 0;
	}
	return -EINVAL;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Does wrong, so that sanitizers tell");
MODULE_LICENSE("GPL");
